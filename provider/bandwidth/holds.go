package bandwidth

import (
	"context"
	"encoding/xml"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// holdTime is how long the carrier keeps a number by default.
const holdTime = 4 * time.Hour

type reservation struct {
	XMLName    xml.Name `xml:"Reservation"`
	ReservedTn string   `xml:"ReservedTn"`
}

// Hold reserves the numbers one by one: the carrier takes one a call. When one
// fails after another was reserved, those that were are returned beside the error,
// whose outcome is unknown; they end by themselves after four hours.
func (c *Carrier) Hold(ctx context.Context, k provider.Key, ns []nanp.Number) ([]provider.Hold, error) {
	if err := c.checkNumbers(provider.OpHold, k, ns, 0); err != nil {
		return nil, err
	}
	var held []provider.Hold
	for _, n := range ns {
		h, err := c.hold(ctx, n)
		if err != nil {
			return held, c.halfDone(err, len(held))
		}
		held = append(held, h)
	}
	return held, nil
}

func (c *Carrier) hold(ctx context.Context, n nanp.Number) (provider.Hold, error) {
	res, err := c.client.Do(ctx, carrierhttp.Call{Op: provider.OpHold, Path: c.account("tnreservation"), Number: n, Body: carrierhttp.XML(reservation{ReservedTn: n.String()})})
	if err != nil {
		return provider.Hold{}, err
	}
	id := created(res)
	if id == "" {
		return provider.Hold{}, res.Error(provider.Internal, provider.Applied, "the carrier reserved the number and did not name the reservation")
	}
	return provider.Hold{Ref: provider.Ref(id), Number: n, Until: res.At.Add(holdTime), Said: plainly(res)}, nil
}

// halfDone makes the outcome unknown of something of which a part was done.
func (c *Carrier) halfDone(err error, done int) error {
	var e *provider.Error
	if done == 0 || !errors.As(err, &e) {
		return err
	}
	whole := *e
	whole.Outcome = provider.OutcomeUnknown
	return &whole
}

// Unhold ends a reservation. One that has ended is NotFound.
func (c *Carrier) Unhold(ctx context.Context, r provider.Ref) error {
	if r == "" {
		return c.invalid(provider.OpUnhold, field("reference", "length", "is empty"))
	}
	_, err := c.do(ctx, carrierhttp.Call{Op: provider.OpUnhold, Method: http.MethodDelete, Path: c.account("tnreservation", string(r))})
	return err
}

// TrackHold reads a reservation by its reference. There is no list of
// reservations: one whose reference was lost cannot be found.
func (c *Carrier) TrackHold(ctx context.Context, t provider.Trace) (provider.Finding[[]provider.Hold], error) {
	if t.Ref == "" {
		return provider.Finding[[]provider.Hold]{AsOf: c.cfg.Now(), Why: "the carrier does not list reservations: one is found by its reference only, and none was given"}, nil
	}
	r, err := c.get(ctx, provider.OpTrackHold, c.account("tnreservation", string(t.Ref)), nil)
	if missing(r, err) {
		return provider.Finding[[]provider.Hold]{Verdict: provider.Absent, AsOf: r.res.At}, nil
	}
	if err != nil {
		return provider.Finding[[]provider.Hold]{}, err
	}
	h := holdIn(r, t.Ref)
	if !h.Number.Valid() || len(t.Numbers) > 0 && !slices.Contains(t.Numbers, h.Number) {
		return provider.Finding[[]provider.Hold]{AsOf: r.res.At, Why: "the carrier does not say that the reservation is of one of the numbers"}, nil
	}
	return provider.FoundAs([]provider.Hold{h}, r.res.At), nil
}

func holdIn(r reply, ref provider.Ref) provider.Hold {
	in := r.doc.find("Reservation")
	h := provider.Hold{Ref: ref, Said: plainly(r.res)}
	h.Number, _ = nanp.Parse(in.str("ReservedTn"))
	if left, err := strconv.Atoi(in.str("ReservationExpires")); err == nil && left >= 0 {
		h.Until = r.res.At.Add(time.Duration(min(left, 1<<30)) * time.Second)
	}
	return h
}
