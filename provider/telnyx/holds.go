package telnyx

import (
	"context"
	"fmt"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

type wireReservation struct {
	ID        string             `json:"id"`
	Status    string             `json:"status"`
	Reference string             `json:"customer_reference"`
	Numbers   []wireReservedItem `json:"phone_numbers"`
}

type wireReservedItem struct {
	Number  string    `json:"phone_number"`
	Status  string    `json:"status"`
	Expires time.Time `json:"expired_at"`
}

type newNumber struct {
	Number string `json:"phone_number"`
	Group  string `json:"requirement_group_id,omitempty"`
}

// Hold reserves the numbers for 30 minutes under one reference. A number whose
// reservation is pending is not held yet: TrackHold shows it when it is. The numbers
// that could not be reserved are an error beside the holds on the others.
func (c *Carrier) Hold(ctx context.Context, k provider.Key, ns []nanp.Number) ([]provider.Hold, error) {
	if err := c.key(provider.OpHold, k); err != nil {
		return nil, err
	}
	if err := c.numbers(provider.OpHold, ns, orderLines); err != nil {
		return nil, err
	}
	body := struct {
		Numbers   []newNumber  `json:"phone_numbers"`
		Reference provider.Key `json:"customer_reference"`
	}{Reference: k}
	for _, n := range ns {
		body.Numbers = append(body.Numbers, newNumber{Number: n.String()})
	}
	w, res, err := sendAbout[wireReservation](ctx, c, provider.OpHold, ns, "/number_reservations", body)
	if err != nil {
		return nil, err
	}
	if w.ID == "" {
		return nil, res.Error(provider.Internal, provider.Applied, "the answer names no reservation")
	}
	holds, refused := w.holds(res)
	if len(refused) == 0 {
		return holds, nil
	}
	e := res.Error(provider.NumberTaken, provider.NotApplied, fmt.Sprintf("%d of %d numbers could not be held", len(refused), len(ns)))
	e.Number = refused[0]
	if len(refused) < len(w.Numbers) {
		e.Outcome = provider.Applied
	}
	return holds, e
}

// holds are the numbers of a reservation that the carrier says are held, and those
// that it has refused. Those in between are in neither.
func (w wireReservation) holds(res carrierhttp.Response) (holds []provider.Hold, refused []nanp.Number) {
	for _, it := range w.Numbers {
		n, err := nanp.Parse(it.Number)
		if err != nil {
			continue
		}
		switch holdWords[it.Status] {
		case holdRefused:
			refused = append(refused, n)
		case holdStands:
			holds = append(holds, provider.Hold{Ref: provider.Ref(w.ID), Number: n, Until: it.Expires, Said: res.Said(provider.Raw(it.Status))})
		}
	}
	return holds, refused
}

// Unhold has nothing to send: a reservation cannot be given up. One that has ended is
// let go of already.
func (c *Carrier) Unhold(ctx context.Context, r provider.Ref) error {
	if err := c.ref(provider.OpUnhold, r); err != nil {
		return err
	}
	w, res, err := get[wireReservation](ctx, c, provider.OpUnhold, 0, carrierhttp.Path("number_reservations", string(r)), nil)
	if err != nil {
		return err
	}
	for _, it := range w.Numbers {
		if holdWords[it.Status] != holdRefused && res.At.Before(it.Expires) {
			return res.Error(provider.Unsupported, provider.NotApplied, "a reservation cannot be given up: it ends by itself 30 minutes after it was made")
		}
	}
	return nil
}

// finding is a reservation as the answer to a trace: one that was refused as a whole
// holds nothing, and is absent.
func (w wireReservation) finding(res carrierhttp.Response) provider.Finding[[]provider.Hold] {
	holds, refused := w.holds(res)
	if len(refused) > 0 && len(refused) == len(w.Numbers) {
		return provider.Finding[[]provider.Hold]{Verdict: provider.Absent, AsOf: res.At}
	}
	return provider.FoundAs(holds, res.At)
}

// TrackHold finds a reservation by its reference, by the key, or, without both, by
// one of the numbers. Found without a hold on a number is a reservation that is pending.
func (c *Carrier) TrackHold(ctx context.Context, t provider.Trace) (provider.Finding[[]provider.Hold], error) {
	var none provider.Finding[[]provider.Hold]
	if t.Ref != "" {
		w, res, err := get[wireReservation](ctx, c, provider.OpTrackHold, 0, carrierhttp.Path("number_reservations", string(t.Ref)), nil)
		if kindIs(err, provider.NotFound) {
			return provider.Finding[[]provider.Hold]{Verdict: provider.Absent, AsOf: res.At}, nil
		}
		if err != nil {
			return none, err
		}
		return w.finding(res), nil
	}
	q := query("filter[customer_reference]", string(t.Key))
	if t.Key == "" {
		if len(t.Numbers) == 0 {
			return provider.Finding[[]provider.Hold]{AsOf: c.cfg.Now(), Why: "a reservation is found by key, reference or number, and none was given"}, nil
		}
		q = query("filter[phone_numbers.phone_number]", t.Numbers[0].String())
	}
	found, res, err := all[wireReservation](ctx, c, provider.OpTrackHold, "/number_reservations", q)
	if err != nil {
		return none, err
	}
	var mine []wireReservation
	for _, w := range found {
		if t.Key != "" && w.Reference == string(t.Key) || t.Key == "" && w.standing(t.Numbers[0], res.At) {
			mine = append(mine, w)
		}
	}
	switch len(mine) {
	case 0:
		return provider.Finding[[]provider.Hold]{Verdict: provider.Absent, AsOf: res.At}, nil
	case 1:
		return mine[0].finding(res), nil
	}
	return provider.Finding[[]provider.Hold]{AsOf: res.At, Why: fmt.Sprintf("%d reservations carry this key or number, which the carrier does not keep unique", len(mine))}, nil
}

// standing reports whether the reservation holds the number at t.
func (w wireReservation) standing(n nanp.Number, t time.Time) bool {
	for _, it := range w.Numbers {
		if it.Number == n.String() && holdWords[it.Status] != holdRefused && t.Before(it.Expires) {
			return true
		}
	}
	return false
}
