package did

import (
	"context"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/store"
)

// Assign gives a number to a tenant: ACTIVE and unassigned, or RELEASED. Of two
// callers one wins; the other gets a *Refusal (ErrTaken) that names who has it.
func (s *Service) Assign(ctx context.Context, n nanp.Number, tenant TenantID) (DID, error) {
	return s.change(ctx, n, func(t *Tx, d *DID) error {
		to, err := readTenant(t, tenant)
		if err != nil {
			return err
		}
		if err := t.Happen(d, Assign, provider.Said{}); err != nil {
			return t.named(err)
		}
		d.Tenant, d.Dest = tenant, Destination{}
		for _, x := range s.sections {
			if err := x.Assigned(t, d); err != nil {
				return err
			}
		}
		return t.Save(d, "did.assigned", "assigned to "+to.Name)
	})
}

// Release takes a number from its tenant: it stays ours and can be assigned
// again. Its destination and what its sections hold for the tenant end with it.
func (s *Service) Release(ctx context.Context, n nanp.Number) (DID, error) {
	return s.change(ctx, n, func(t *Tx, d *DID) error {
		if err := t.Happen(d, Release, provider.Said{}); err != nil {
			return err
		}
		from := d.Tenant
		for _, x := range s.sections {
			if err := x.Leaving(t, d, ReleasedByTenant); err != nil {
				return err
			}
		}
		d.Tenant, d.Dest = "", Destination{}
		return t.Save(d, "did.released", "released from "+string(from))
	})
}

// SetDestination says where the calls of an assigned number go. The zero
// Destination leaves it to the tenant's rule for unrouted calls.
func (s *Service) SetDestination(ctx context.Context, n nanp.Number, to Destination) (DID, error) {
	if to != (Destination{}) {
		if err := plain("destination kind", to.Kind, 64); err != nil {
			return DID{}, err
		}
		if err := plain("destination ID", to.ID, 200); err != nil {
			return DID{}, err
		}
	}
	return s.change(ctx, n, func(t *Tx, d *DID) error {
		if err := t.Happen(d, Route, provider.Said{}); err != nil {
			return err
		}
		if d.Dest == to {
			return nil
		}
		d.Dest = to
		return t.Save(d, "did.routed", "")
	})
}

// Get returns one number of the inventory, open or closed; a *NotFoundError for
// one that was never here.
func (s *Service) Get(ctx context.Context, n nanp.Number) (d DID, err error) {
	if !n.Valid() {
		return DID{}, &InputError{Field: "number", Value: n.String(), Rule: "is no North American number"}
	}
	err = s.view(ctx, func(r store.Reader) error {
		d, err = read(r, n)
		return err
	})
	return d, err
}

// change reads a number, changes it and saves it in one transaction.
func (s *Service) change(ctx context.Context, n nanp.Number, f func(*Tx, *DID) error) (DID, error) {
	if !n.Valid() {
		return DID{}, &InputError{Field: "number", Value: n.String(), Rule: "is no North American number"}
	}
	var out DID
	err := s.Update(ctx, func(t *Tx) error {
		d, err := t.DID(n)
		if err != nil {
			return err
		}
		if err := f(t, &d); err != nil {
			return err
		}
		out = d
		return nil
	})
	if err != nil {
		return DID{}, err
	}
	return out, nil
}

// named puts the holder's name on a refusal.
func (t *Tx) named(err error) error {
	r, ok := err.(*Refusal)
	if !ok || r.Holder == "" {
		return err
	}
	names := tenantNames{r: t}
	name, readErr := names.name(r.Holder)
	if readErr != nil {
		return readErr
	}
	r.Name = name
	return r
}

// Routed is where the calls of a number go.
type Routed struct {
	Number  nanp.Number
	Tenant  TenantID
	To      Destination
	Default bool // by the tenant's rule for calls to numbers that it has not routed
}

// Routing answers where a call to a number goes now. A number that is not ours
// or has no tenant is a *NotFoundError or a *Refusal. A tenant without a rule has
// a zero Destination: the call goes nowhere.
func (s *Service) Routing(ctx context.Context, n nanp.Number) (out Routed, err error) {
	err = s.view(ctx, func(r store.Reader) error {
		d, err := read(r, n)
		if err != nil {
			return err
		}
		if d.Status != Active || !d.Assigned() {
			why := because[d.Status]
			if d.Status == Active {
				why = "it has no tenant"
			}
			return &Refusal{Number: n, Event: Route, Status: d.Status, Why: why}
		}
		if why := blockedBy(&d, Suspended); why != "" {
			return &Refusal{Number: n, Event: Route, Status: d.Status, Why: why}
		}
		out = Routed{Number: n, Tenant: d.Tenant, To: d.Dest}
		if d.Dest != (Destination{}) {
			return nil
		}
		t, err := readTenant(r, d.Tenant)
		out.To, out.Default = t.Unrouted, true
		return err
	})
	return out, err
}
