package telnyx

import (
	"context"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

type wireLookup struct {
	Caller struct {
		Name string `json:"caller_name"`
		Code word   `json:"error_code"`
	} `json:"caller_name"`
	Carrier struct {
		Name string `json:"name"`
		Type string `json:"type"`
	} `json:"carrier"`
	Portability struct {
		LRN    string `json:"lrn"`
		Ported string `json:"ported_status"`
		Date   string `json:"ported_date"`
		OCN    string `json:"ocn"`
		Line   string `json:"line_type"`
		SPID   string `json:"spid"`
		Name   string `json:"spid_carrier_name"`
		City   string `json:"city"`
		State  string `json:"state"`
	} `json:"portability"`
}

func (c *Carrier) lookup(ctx context.Context, op provider.Op, n nanp.Number, kind string) (wireLookup, carrierhttp.Response, error) {
	if !n.Valid() {
		return wireLookup{}, carrierhttp.Response{}, c.refuse(op, bad("number", "valid", "is no number"))
	}
	return get[wireLookup](ctx, c, op, n, carrierhttp.Path("number_lookup", n.String()), query("type", kind))
}

// LookupName asks what a called party would see. It costs money. A look-up that the
// carrier could not make has no name, and its code as the raw word.
func (c *Carrier) LookupName(ctx context.Context, n nanp.Number) (provider.CallerName, error) {
	w, res, err := c.lookup(ctx, provider.OpLookupName, n, "caller-name")
	if err != nil {
		return provider.CallerName{}, err
	}
	return provider.CallerName{Number: n, Name: strings.TrimSpace(w.Caller.Name), Said: res.Said(provider.Raw(w.Caller.Code))}, nil
}

var ported = map[string]provider.Tri{"Y": provider.Yes, "N": provider.No}

// LookupNumber asks who serves the number. It costs money.
func (c *Carrier) LookupNumber(ctx context.Context, n nanp.Number) (provider.NumberInfo, error) {
	w, res, err := c.lookup(ctx, provider.OpLookupNumber, n, "carrier")
	if err != nil {
		return provider.NumberInfo{}, err
	}
	p := w.Portability
	info := provider.NumberInfo{
		Number: n, SPID: p.SPID, OCN: p.OCN, Carrier: or(p.Name, w.Carrier.Name), Line: lineWords[strings.ToLower(or(w.Carrier.Type, p.Line))],
		Ported: ported[p.Ported], City: p.City, State: state(p.State), Said: res.Said(provider.Raw(p.Ported)),
	}
	if info.Line == provider.LineUnknown {
		info.Line = lineWords[strings.ToLower(p.Line)]
	}
	if lrn, err := nanp.Parse(p.LRN); err == nil {
		info.LRN = lrn
	}
	if on, err := time.Parse(time.DateOnly, p.Date); err == nil {
		info.PortedOn = on
	}
	return info, nil
}
