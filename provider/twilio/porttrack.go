package twilio

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"time"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// TrackPort reads the request that is named, or looks through those that were made
// since for the one with exactly these numbers. A request that has some of them, or
// that names none, may be ours all the same: then nothing is proven.
func (a *account) TrackPort(ctx context.Context, t provider.Trace) (provider.Finding[[]provider.PortOrder], error) {
	const op = provider.OpTrackPort
	var none provider.Finding[[]provider.PortOrder]
	if t.Ref != "" {
		return a.trackPortRef(ctx, t)
	}
	if len(t.Numbers) == 0 {
		return provider.Finding[[]provider.PortOrder]{AsOf: a.cfg.Now(), Why: "Twilio finds ports by their numbers, and none were given"}, nil
	}
	kws, last, err := a.portsSince(ctx, t)
	if err != nil {
		return none, err
	}
	var found []provider.PortOrder
	at, doubt := last.At, ""
	for _, kw := range kws {
		w, res, err := a.portIn(ctx, op, kw)
		if err != nil {
			return none, err
		}
		o := a.portOrder(op, res, w)
		switch {
		case w.before(t.Since, skew):
		case ended[o.State] && w.before(t.Since, 0): // an earlier request, unless our clocks differ
			if w.about(t.Numbers) {
				doubt = "a port request that has ended has these numbers, and was made a little before"
			}
		case w.about(t.Numbers):
			o.Key = t.Key
			found, at = append(found, o), res.At
		case w.touches(t.Numbers):
			doubt = "a port request has some of these numbers, or does not say which it has"
		}
	}
	switch {
	case len(found) > 1:
		return provider.Finding[[]provider.PortOrder]{AsOf: at, Why: "several port requests have these numbers"}, nil
	case len(found) == 1:
		return provider.FoundAs(found, at), nil
	case doubt != "":
		return provider.Finding[[]provider.PortOrder]{AsOf: at, Why: doubt}, nil
	}
	return provider.Finding[[]provider.PortOrder]{Verdict: provider.Absent, AsOf: at}, nil
}

// ended are the states in which a request has no effect any more.
var ended = map[provider.PortState]bool{provider.PortCancelled: true, provider.PortExpired: true, provider.PortFailed: true}

func (a *account) trackPortRef(ctx context.Context, t provider.Trace) (provider.Finding[[]provider.PortOrder], error) {
	if err := checkPortRef(t.Ref); err != nil {
		return provider.Finding[[]provider.PortOrder]{}, a.invalid(provider.OpTrackPort, err)
	}
	w, res, err := a.portIn(ctx, provider.OpTrackPort, string(t.Ref))
	switch {
	case errors.Is(err, provider.NotFound):
		return provider.Finding[[]provider.PortOrder]{Verdict: provider.Absent, AsOf: res.At}, nil
	case err != nil:
		return provider.Finding[[]provider.PortOrder]{}, err
	}
	o := a.portOrder(provider.OpTrackPort, res, w)
	o.Key = t.Key
	for _, n := range t.Numbers {
		if len(w.Numbers) == 0 { // nothing is said about them
			o.Items = append(o.Items, provider.PortItem{Number: n})
		}
	}
	return provider.FoundAs([]provider.PortOrder{o}, res.At), nil
}

// portsSince lists the requests that were made since a time; Twilio's filter takes a date, and the day before is asked for to be on the safe
// side of its zone.
func (a *account) portsSince(ctx context.Context, t provider.Trace) ([]string, carrierhttp.Response, error) {
	const op = provider.OpTrackPort
	q := url.Values{"Size": {"100"}}
	if !t.Since.IsZero() {
		q.Set("CreatedAfter", t.Since.UTC().AddDate(0, 0, -1).Format(time.DateOnly))
	}
	var kws []string
	for range maxPages {
		var w portList
		res, err := a.get(ctx, op, 0, a.porting(q, "PortIn", "PortInRequests"), &w)
		if err != nil {
			return nil, res, err
		}
		if w.Requests == nil {
			return nil, res, listless(res)
		}
		for _, x := range w.Requests {
			if sid("KW", x.SID) && !slices.Contains(kws, x.SID) {
				kws = append(kws, x.SID)
			}
		}
		switch {
		case w.Meta.Next == "":
			return kws, res, nil
		case w.Meta.Next == q.Get("Token"):
			return nil, res, res.Error(provider.Internal, provider.NotApplied, "the list does not move on: a page comes again")
		}
		q.Set("Token", w.Meta.Next)
	}
	return nil, carrierhttp.Response{}, a.refuse(op, provider.Internal, 0, "the list has too many pages")
}
