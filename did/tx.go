package did

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/store"
	"github.com/numberdesk/numberdesk/store/journal"
	"github.com/numberdesk/numberdesk/store/work"
)

// Tx is one transaction over the inventory, the records of the domains above,
// requests to carriers and the journal.
type Tx struct {
	store.Tx
	s     *Service
	actor journal.Actor
	asked bool
}

// Update runs one transaction and afterwards wakes the engine if anything was
// asked of a carrier. f may run more than once: it has no effects outside the Tx.
func (s *Service) Update(ctx context.Context, f func(*Tx) error) error {
	var asked bool
	err := s.Store.Update(ctx, func(tx store.Tx) error {
		t := &Tx{Tx: tx, s: s, actor: journal.ActorFrom(ctx)}
		err := f(t)
		asked = t.asked
		return err
	})
	if asked && err == nil {
		s.Work.Wake()
	}
	return err
}

// DID reads one number, open or closed. The error is a *NotFoundError for a
// number that was never here.
func (t *Tx) DID(n nanp.Number) (DID, error) { return read(t, n) }

func read(r store.Reader, n nanp.Number) (DID, error) {
	rec, err := r.Get(kindDID, recordID(n))
	if errors.Is(err, store.ErrNotFound) {
		return DID{}, &NotFoundError{"number in the inventory", n.Format()}
	}
	if err != nil {
		return DID{}, err
	}
	return fromRecord(rec)
}

// Save stores a changed DID and tells the journal. what is the type of the
// event, why is in words and may be "".
func (t *Tx) Save(d *DID, what, why string) error {
	rec := d.record()
	if err := t.Put(&rec); err != nil {
		return err
	}
	d.Version = rec.Version
	now := d.snapshot()
	c := journal.Change{Type: what, Subject: subject(d.Number), Tenant: string(now.tenant(d.was)), Text: why, Said: d.Said}
	var err error
	if c.After, err = json.Marshal(now); err != nil {
		return err
	}
	if d.was != nil {
		if c.Before, err = json.Marshal(d.was); err != nil {
			return err
		}
	}
	d.was = now
	return t.Journal(c)
}

// snapshot is what the journal keeps of a DID.
type snapshot struct {
	Status    Status      `json:"status"`
	Tenant    TenantID    `json:"tenant,omitempty"`
	Dest      Destination `json:"destination,omitzero"`
	Attention string      `json:"attention,omitempty"`
	Sections  Summaries   `json:"sections,omitempty"`
}

func (d *DID) snapshot() *snapshot {
	return &snapshot{d.Status, d.Tenant, d.Dest, d.Attention, slices.Clone(d.Sections)}
}

// tenant is whom a change concerns: who has the number now, else who had it.
func (s *snapshot) tenant(before *snapshot) TenantID {
	if s.Tenant == "" && before != nil {
		return before.Tenant
	}
	return s.Tenant
}

func subject(n nanp.Number) string { return "did/" + n.String() }

// Journal tells the journal, with the actor and the time of this transaction
// where c does not name its own.
func (t *Tx) Journal(c journal.Change) error {
	if c.Actor == (journal.Actor{}) {
		c.Actor = t.actor
	}
	if c.At.IsZero() {
		c.At = t.s.Now()
	}
	_, err := journal.Write(t.Tx, c)
	return err
}

// Ask books a request to a carrier. It leaves after the transaction is durable.
func (t *Tx) Ask(i work.Intent) (work.Intent, error) {
	t.asked = true
	return t.s.Work.Enqueue(t.Tx, i)
}

// Happen applies an event to a DID by the table, after sections and blocks had
// their say, and puts the evidence on it. It does not save. The error is a *Refusal.
func (t *Tx) Happen(d *DID, on Event, said provider.Said) error {
	to, err := t.s.allowed(t, d, on)
	if err != nil {
		return err
	}
	if to != d.Status {
		d.Prior = d.Status
		d.Status, d.Since = to, t.s.Now()
	}
	if said != (provider.Said{}) {
		d.Said = said
	}
	return nil
}

// allowed is where an event would lead, or a *Refusal.
func (s *Service) allowed(r store.Reader, d *DID, on Event) (Status, error) {
	to, why, err := s.verdict(r, d, on)
	if err != nil {
		return d.Status, err
	}
	if why != "" {
		return d.Status, &Refusal{Number: d.Number, Event: on, Status: d.Status, Why: why, Taken: on == Assign && d.Assigned(), Holder: d.Tenant}
	}
	return to, nil
}

// verdict is where an event would lead, or in words why not: first the table,
// then tenant and blocks, then the sections.
func (s *Service) verdict(r store.Reader, d *DID, on Event) (to Status, why string, err error) {
	to, why = next(d.Status, on, d.Prior)
	if why != "" {
		return to, why, nil
	}
	if g := guards[on]; g != nil {
		if why := g(d); why != "" {
			return d.Status, why, nil
		}
	}
	for _, x := range s.sections {
		whys, err := x.Objections(r, *d, on)
		if err != nil {
			return d.Status, "", fmt.Errorf("did: section %s: %w", x.Name(), err)
		}
		if len(whys) > 0 {
			return d.Status, strings.Join(whys, "; "), nil
		}
	}
	return to, "", nil
}

// guards are what the table of statuses cannot say, because it depends on the
// tenant and on blocks.
var guards = map[Event]func(d *DID) string{
	Assign: func(d *DID) string {
		switch {
		case d.Assigned():
			return "it has a tenant already"
		default:
			return blockedBy(d, PortOutPending)
		}
	},
	Route: func(d *DID) string {
		if !d.Assigned() {
			return "it has no tenant"
		}
		return ""
	},
	Release: func(d *DID) string {
		if !d.Assigned() {
			return "it has no tenant"
		}
		return blockedBy(d, Locked)
	},
	Return: func(d *DID) string { return blockedBy(d, Locked, PortOutPending) },
}

func blockedBy(d *DID, kinds ...BlockKind) string {
	for _, k := range kinds {
		if b, ok := d.Blocked(k); ok {
			return fmt.Sprintf("it is blocked (%s, by %s: %s)", k, b.Who, b.Why)
		}
	}
	return ""
}

// Adopt takes in a number that came otherwise than by Buy: ported in, found at a
// carrier under one of our keys, imported. d is kept as it is given, with the
// initial summary of each section that d does not bring. A number that is in the
// inventory and not closed is a *Refusal (ErrTaken).
func (t *Tx) Adopt(d DID, why string) (DID, error) {
	if err := d.Number.CheckDID(); err != nil {
		return DID{}, &InputError{Field: "number", Value: d.Number.String(), Rule: "cannot be a US number of ours", Err: err}
	}
	if _, ok := because[d.Status]; !ok {
		return DID{}, &InputError{Field: "status", Value: string(d.Status), Rule: "is no status"}
	}
	before, err := t.DID(d.Number)
	switch {
	case errors.Is(err, ErrNotFound):
	case err != nil:
		return DID{}, err
	case !before.Status.Closed():
		return DID{}, t.taken(before)
	}
	d.Version, d.was = before.Version, before.was
	t.s.begin(&d)
	return d, t.Save(&d, "did.adopted", why)
}

// begin gives a DID the initial summaries that it lacks.
func (s *Service) begin(d *DID) {
	for _, x := range s.sections {
		if !d.Sections.Has(x.Name()) {
			d.Sections.Set(x.Name(), x.Initial(*d))
		}
	}
}
