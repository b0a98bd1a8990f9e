package did

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/numberdesk/numberdesk/market"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/store"
	"github.com/numberdesk/numberdesk/store/journal"
	"github.com/numberdesk/numberdesk/store/work"
)

// Held is a number that a carrier keeps, or is asked to keep, while a person
// decides. A hold costs nothing and ends by itself at Until.
type Held struct {
	Number  nanp.Number   `json:"-"`
	Carrier provider.ID   `json:"carrier"`
	State   HoldState     `json:"state"`
	Until   time.Time     `json:"until,omitzero"` // what the carrier said
	Ref     provider.Ref  `json:"ref,omitempty"`
	Why     string        `json:"why,omitempty"` // of HoldRefused, in words
	By      journal.Actor `json:"by,omitzero"`
	Order   store.ID      `json:"order"` // the intent
	Said    provider.Said `json:"said,omitzero"`

	version uint64
}

// HoldState is where a hold stands.
type HoldState string

const (
	HoldAsked   HoldState = "asked"   // the carrier has not answered yet
	HoldHeld    HoldState = "held"    // until Held.Until
	HoldEnding  HoldState = "ending"  // the carrier was told to let it go
	HoldRefused HoldState = "refused" // the carrier does not keep it
	HoldEnded   HoldState = "ended"   // it was let go, or its time is over
)

const kindHold store.Kind = "hold"

const (
	workHold   work.Kind = "did.hold"
	workUnhold work.Kind = "did.unhold"
)

// at is the hold as it stands at an instant: what the carrier said when it gave
// the hold includes when it ends.
func (h Held) at(now time.Time) Held {
	if (h.State == HoldHeld || h.State == HoldEnding) && !now.Before(h.Until) {
		h.State = HoldEnded
	}
	return h
}

// Open reports whether the carrier keeps the number, or may be about to.
func (h Held) Open() bool {
	return h.State == HoldAsked || h.State == HoldHeld || h.State == HoldEnding
}

// Hold asks carriers to keep numbers while a person decides, and returns before
// they answer: see Holds. Buy uses a hold that stands. A carrier that cannot hold
// is an Unsupported error with its reason; a number that is held already, or in
// the inventory, is a *Refusal. Nothing is asked when one of them cannot be.
func (s *Service) Hold(ctx context.Context, offers []market.Offer) error {
	by, order, err := s.perCarrier(offers)
	if err != nil {
		return err
	}
	for _, id := range order {
		if _, _, err := provider.Pick[provider.Holder](s.Carriers, id); err != nil {
			return err
		}
	}
	return s.Update(ctx, func(t *Tx) error {
		for _, id := range order {
			if err := t.hold(id, by[id]); err != nil {
				return err
			}
		}
		return nil
	})
}

// hold books one intent for each number, so that a refusal of one is not the end
// of the others.
func (t *Tx) hold(id provider.ID, offers []market.Offer) error {
	for _, o := range offers {
		d, err := t.DID(o.Number)
		switch {
		case err == nil && !d.Status.Closed():
			return t.taken(d)
		case err != nil && !errors.Is(err, ErrNotFound):
			return err
		}
		h, err := readHold(t, o.Number)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return err
		}
		if h.at(t.s.Now()).Open() {
			return &Refusal{Number: o.Number, Event: "hold", Taken: true, Why: "it is held already, for " + h.By.ID}
		}
		i, err := t.Ask(work.Intent{Kind: workHold, Carrier: id, Numbers: []nanp.Number{o.Number}, Lanes: []string{ownership(o.Number)}, Yields: true})
		if err != nil {
			return err
		}
		fresh := Held{Number: o.Number, Carrier: id, State: HoldAsked, By: t.actor, Order: i.ID, version: h.version}
		if err := t.putHold(fresh, "hold.asked"); err != nil {
			return err
		}
	}
	return nil
}

// Unhold lets a held number go before its time.
func (s *Service) Unhold(ctx context.Context, n nanp.Number) error {
	return s.Update(ctx, func(t *Tx) error {
		h, err := readHold(t, n)
		if err != nil {
			return err
		}
		if h = h.at(s.Now()); h.State != HoldHeld {
			return &Refusal{Number: n, Event: "let go", Why: "its hold is " + string(h.State)}
		}
		i, err := t.Ask(work.Intent{Kind: workUnhold, Carrier: h.Carrier, Numbers: []nanp.Number{n}, Lanes: []string{ownership(n)}, Payload: []byte(h.Ref), Yields: true})
		if err != nil {
			return err
		}
		h.State, h.Order = HoldEnding, i.ID
		return t.putHold(h, "hold.ending")
	})
}

// Holds lists holds in the order of numbers, those that have ended too.
func (s *Service) Holds(ctx context.Context, p provider.Page) (out provider.Result[Held], err error) {
	err = s.view(ctx, func(r store.Reader) error {
		found, err := r.List(store.Query{Kind: kindHold, After: p.Cursor, Limit: p.Limit, Whole: true})
		if err != nil {
			return err
		}
		out = provider.Result[Held]{Next: found.Next}
		for _, rec := range found.Records {
			h, err := holdFrom(rec)
			if err != nil {
				return err
			}
			out.Items = append(out.Items, h.at(s.Now()))
		}
		return nil
	})
	return out, err
}

func readHold(r store.Reader, n nanp.Number) (Held, error) {
	rec, err := r.Get(kindHold, recordID(n))
	if errors.Is(err, store.ErrNotFound) {
		return Held{}, &NotFoundError{"hold on", n.Format()}
	}
	if err != nil {
		return Held{}, err
	}
	return holdFrom(rec)
}

func holdFrom(rec store.Record) (Held, error) {
	n, err := nanp.Parse(string(rec.ID))
	if err != nil {
		return Held{}, fmt.Errorf("did: hold %q: %w", rec.ID, err)
	}
	h := Held{Number: n, version: rec.Version}
	if err := json.Unmarshal(rec.Body, &h); err != nil {
		return Held{}, fmt.Errorf("did: hold %q: %w", rec.ID, err)
	}
	return h, nil
}

func (t *Tx) putHold(h Held, what string) error {
	body, err := json.Marshal(h)
	if err != nil {
		return err
	}
	rec := store.Record{Kind: kindHold, ID: recordID(h.Number), Version: h.version, Body: body, Tags: []store.Tag{{Name: tagCarrier, Value: string(h.Carrier)}}}
	if err := t.Put(&rec); err != nil {
		return err
	}
	return t.Journal(journal.Change{Type: what, Subject: subject(h.Number), Text: h.Why, After: body, Said: h.Said})
}

// answered books what became of a hold, unless a later request has changed it.
func (t *Tx) answered(i work.Intent, what string, change func(*Held)) error {
	h, err := readHold(t, i.Numbers[0])
	if err != nil {
		return err
	}
	if h.Order != i.ID {
		return nil
	}
	before := h
	if change(&h); h == before {
		return nil
	}
	return t.putHold(h, what)
}

// holding is the handler of holds.
type holding struct{ s *Service }

func (h holding) Send(ctx context.Context, i work.Intent) ([]provider.Hold, error) {
	c, _, err := provider.Pick[provider.Holder](h.s.Carriers, i.Carrier)
	if err != nil {
		return nil, err
	}
	return c.Hold(ctx, i.Key(), i.Numbers)
}

func (h holding) Track(ctx context.Context, i work.Intent) (provider.Finding[[]provider.Hold], error) {
	c, _, err := provider.Pick[provider.Holder](h.s.Carriers, i.Carrier)
	if err != nil {
		return provider.Finding[[]provider.Hold]{}, err
	}
	return c.TrackHold(ctx, i.Trace())
}

func (h holding) Book(tx store.Tx, i work.Intent, holds []provider.Hold) (work.Progress, error) {
	t := carrierTx(h.s, tx)
	for _, x := range holds {
		if x.Number != i.Numbers[0] {
			continue
		}
		return work.Progress{Done: true, Ref: x.Ref}, t.answered(i, "hold.held", func(h *Held) { h.State, h.Ref, h.Until, h.Said = HoldHeld, x.Ref, x.Until, x.Said })
	}
	return work.Progress{}, nil
}

func (h holding) Fail(tx store.Tx, i work.Intent, why error) error {
	return carrierTx(h.s, tx).answered(i, "hold.refused", func(h *Held) { h.State, h.Why = HoldRefused, why.Error() })
}

func (h holding) Stuck(tx store.Tx, i work.Intent) error {
	return carrierTx(h.s, tx).answered(i, "hold.stuck", func(h *Held) { h.Why = "nobody knows whether it is held: " + i.Note })
}

// letting is the handler of holds that are let go. It may be sent again without
// harm, and its time ends it in any case.
type letting struct{ s *Service }

func (l letting) Send(ctx context.Context, i work.Intent) (bool, error) {
	c, _, err := provider.Pick[provider.Holder](l.s.Carriers, i.Carrier)
	if err != nil {
		return false, err
	}
	err = c.Unhold(ctx, provider.Ref(i.Payload))
	if errors.Is(err, provider.NotFound) {
		return true, nil // it has ended already
	}
	return err == nil, err
}

func (l letting) Track(ctx context.Context, i work.Intent) (f provider.Finding[bool], err error) {
	err = l.s.view(ctx, func(r store.Reader) error {
		h, err := readHold(r, i.Numbers[0])
		if err != nil {
			return err
		}
		if h.at(l.s.Now()).State == HoldEnded {
			f = provider.FoundAs(true, h.Until)
			return nil
		}
		f = provider.Finding[bool]{Verdict: provider.Absent, AsOf: l.s.Now()}
		return nil
	})
	return f, err
}

func (l letting) Book(tx store.Tx, i work.Intent, _ bool) (work.Progress, error) {
	return work.Progress{Done: true}, carrierTx(l.s, tx).answered(i, "hold.ended", func(h *Held) { h.State = HoldEnded })
}

func (l letting) Fail(tx store.Tx, i work.Intent, why error) error {
	return carrierTx(l.s, tx).answered(i, "hold.kept", func(h *Held) { h.State, h.Why = HoldHeld, why.Error() })
}

func (l letting) Stuck(tx store.Tx, i work.Intent) error {
	return carrierTx(l.s, tx).answered(i, "hold.stuck", func(h *Held) { h.Why = "nobody knows whether it was let go: " + i.Note })
}
