package twilio

import (
	"context"
	"net/url"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// lineTypes are the words of Lookup v2 (line_type_intelligence, type) for which
// the contract has a kind of line; personal, premium, sharedCost, uan, voicemail
// and unknown have none.
var lineTypes = map[string]provider.LineType{
	"landline":     provider.LineLandline,
	"mobile":       provider.LineWireless,
	"fixedVoip":    provider.LineVoIP,
	"nonFixedVoip": provider.LineVoIP,
	"tollFree":     provider.LineTollFree,
	"pager":        provider.LinePaging,
}

// LookupName asks the caller name databases. Each question costs money. US only.
func (a *account) LookupName(ctx context.Context, n nanp.Number) (provider.CallerName, error) {
	const op = provider.OpLookupName
	w, res, err := a.lookUp(ctx, op, n, "caller_name")
	if err != nil {
		return provider.CallerName{}, err
	}
	if w.CallerName == nil {
		return provider.CallerName{}, res.Error(provider.Internal, provider.NotApplied, "the answer lacks what was asked for")
	}
	if code := w.CallerName.Error.code(); code != "" {
		return provider.CallerName{}, lookupFailed(res, code)
	}
	return provider.CallerName{Number: n, Name: w.CallerName.Name, Type: nameTypes[w.CallerName.Type], Said: res.Said(provider.Raw(w.CallerName.Type))}, nil
}

// nameTypes are the words for whose name it is; UNDETERMINED says nothing.
var nameTypes = map[string]string{"BUSINESS": "business", "CONSUMER": "consumer"}

// LookupNumber asks what sort of line a number is and who serves it. Each
// question costs money.
func (a *account) LookupNumber(ctx context.Context, n nanp.Number) (provider.NumberInfo, error) {
	const op = provider.OpLookupNumber
	w, res, err := a.lookUp(ctx, op, n, "line_type_intelligence")
	if err != nil {
		return provider.NumberInfo{}, err
	}
	if w.Line == nil {
		return provider.NumberInfo{}, res.Error(provider.Internal, provider.NotApplied, "the answer lacks what was asked for")
	}
	if code := w.Line.Error.code(); code != "" {
		return provider.NumberInfo{}, lookupFailed(res, code)
	}
	return provider.NumberInfo{Number: n, Carrier: w.Line.Carrier, Line: lineTypes[w.Line.Type], Said: res.Said(provider.Raw(w.Line.Type))}, nil
}

func (a *account) lookUp(ctx context.Context, op provider.Op, n nanp.Number, fields string) (lookedUp, carrierhttp.Response, error) {
	if err := provider.CheckNumbers([]nanp.Number{n}, 0); err != nil {
		return lookedUp{}, carrierhttp.Response{}, a.invalid(op, err)
	}
	var w lookedUp
	res, err := a.get(ctx, op, n, place(a.cfg.Hosts.Lookups, url.Values{"Fields": {fields}}, "v2", "PhoneNumbers", n.String()), &w)
	switch {
	case err != nil:
		return w, res, err
	case !w.Valid:
		return w, res, res.Error(provider.NotFound, provider.NotApplied, "nobody can have this number")
	case plain(w.PhoneNumber) != n:
		return w, res, res.Error(provider.Internal, provider.NotApplied, "the answer is about another number")
	}
	return w, res, nil
}

// lookupFailed is a package of a look-up that has an error of its own inside an
// answer that is otherwise good.
func lookupFailed(res carrierhttp.Response, code string) error {
	e := res.Error(provider.Unavailable, provider.NotApplied, "this part of the look-up failed")
	if m, known := meanings[code]; known {
		e.Kind, e.Text = m.kind, m.text
	}
	if len(code) <= 12 && strings.Trim(code, "-0123456789") == "" {
		e.Code = code
	}
	return e
}
