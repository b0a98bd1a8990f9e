package bandwidth

import (
	"context"
	"encoding/xml"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

type portabilityRequest struct {
	XMLName xml.Name `xml:"NumberPortabilityRequest"`
	Numbers []string `xml:"TnList>Tn"`
}

// CheckPort asks about local numbers. For toll-free numbers the carrier has an
// order that takes minutes, and repeats it when a port is opened: they are refused
// here.
func (c *Carrier) CheckPort(ctx context.Context, ns []nanp.Number) ([]provider.PortCheck, error) {
	const op = provider.OpCheckPort
	if err := c.checkNumbers(op, "check", ns, portLines); err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(ns, nanp.Number.TollFree); i >= 0 {
		e := c.fail(op, provider.Unsupported, "toll-free numbers are checked when their port is opened")
		e.Number = ns[i]
		return nil, e
	}
	r, err := c.do(ctx, carrierhttp.Call{
		Op: op, Intent: carrierhttp.Read, Method: http.MethodPost, Path: c.account("lnpchecker"), Query: url.Values{"fullCheck": {"offnetportability"}},
		Body: carrierhttp.XML(portabilityRequest{Numbers: e164s(ns)}),
	})
	if err != nil {
		return nil, err
	}
	return portChecks(r, ns), nil
}

// unportable are the lists of numbers that cannot be ported, and why.
var unportable = []struct{ list, why string }{
	{"UnsupportedRateCenters", "the carrier does not serve the rate center"},
	{"UnsupportedLosingCarriers", "the carrier cannot port from the losing carrier"},
	{"PortabilityErrors", "the carrier reports an error for the number"},
}

// portChecks: what is not in the list of portable numbers is not portable.
func portChecks(r reply, ns []nanp.Number) []provider.PortCheck {
	portable := r.doc.kid("PortableNumbers").numbers()
	kind := provider.Raw(r.doc.str("PortType"))
	out := make([]provider.PortCheck, len(ns))
	for i, n := range ns {
		ch := provider.PortCheck{Number: n, Portable: slices.Contains(portable, n), Said: r.res.Said(kind)}
		ch.Fast = ch.Portable && (kind == "AUTOMATED" || kind == "INTERNAL")
		if !ch.Portable {
			ch.Reason = whyNot(r.doc, n)
		}
		for list := range r.doc.deep() {
			if list.is("LosingCarrierTnList") && slices.Contains(list.numbers(), n) {
				losing(&ch, list)
			}
		}
		out[i] = ch
	}
	return out
}

func whyNot(doc *element, n nanp.Number) string {
	for _, u := range unportable {
		if slices.Contains(doc.kid(u.list).numbers(), n) {
			return u.why
		}
	}
	return "the carrier does not list the number as portable"
}

func losing(ch *provider.PortCheck, in *element) {
	ch.Losing, ch.SPID = in.str("LosingCarrierName"), in.str("LosingCarrierSPID")
	switch strings.ToLower(in.str("LosingCarrierIsWireless")) {
	case "true":
		ch.Line, ch.NeedsPIN = provider.LineWireless, true // wireless ports go by account number and PIN
	case "false":
		ch.Line = provider.LineLandline
	}
}
