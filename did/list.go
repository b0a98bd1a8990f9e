package did

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk/money"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/store"
)

// Filter selects rows. Every condition that is set must hold. The zero value is
// everything that is open.
type Filter struct {
	Tenant     *TenantID // nil: any; a pointer to "": unassigned
	Status     Status    // a closed status lists closed numbers
	Carrier    provider.ID
	Section    map[SectionName]string // {"e911": "failed", "cnam": "pending"}
	Block      BlockKind
	Prefix     string // digits that the number begins with: "501", "501555"
	Text       string // part of a number, or of a tenant's name when it has a letter
	WithClosed bool   // closed numbers too
}

// Unassigned is the value of Filter.Tenant for numbers without a tenant.
func Unassigned() *TenantID { return new(TenantID) }

// OfTenant is the value of Filter.Tenant for one tenant.
func OfTenant(id TenantID) *TenantID { return &id }

// Row is one line of the inventory.
type Row struct {
	Number     nanp.Number
	Tenant     TenantID // "" is unassigned
	TenantName string
	Status     Status
	Late       bool // PENDING for longer than its carrier usually takes
	Since      time.Time
	Dest       Destination
	Sections   Summaries // caller name, E911
	Blocks     []Block
	Carrier    provider.ID
	State      string
	City       string
	RateCenter string
	Price      money.Price
	Attention  string
	Actions    []Action
}

// Action is something that an operator can do with a number, or why not now.
type Action struct {
	Event Event
	Why   string // "" when it is possible
}

// Possible reports whether the event can happen now.
func (r Row) Possible(on Event) bool {
	i := slices.IndexFunc(r.Actions, func(a Action) bool { return a.Event == on })
	return i >= 0 && r.Actions[i].Why == ""
}

// operatorEvents are what an operator does; the others are what carriers say.
var operatorEvents = []Event{Assign, Route, Release}

// List returns one page of rows in the order of numbers; with a tenant's name as
// Text, in the order of tenants first. No body is read.
func (s *Service) List(ctx context.Context, f Filter, p provider.Page) (out provider.Result[Row], err error) {
	err = s.view(ctx, func(r store.Reader) error {
		out = provider.Result[Row]{}
		if !hasLetter(f.Text) {
			q, err := f.query(p)
			if err != nil {
				return err
			}
			return s.page(r, q, &out)
		}
		return s.byTenantName(r, f, p, &out)
	})
	return out, err
}

// Count counts the rows of a filter, up to atMost (0: all).
func (s *Service) Count(ctx context.Context, f Filter, atMost int) (n int, exact bool, err error) {
	err = s.view(ctx, func(r store.Reader) error {
		if !hasLetter(f.Text) {
			q, err := f.query(provider.Page{})
			if err != nil {
				return err
			}
			n, exact, err = r.Count(q, atMost)
			return err
		}
		n, exact = 0, true
		return eachTenant(r, f, "", func(q Filter) (bool, error) {
			sub, err := q.query(provider.Page{})
			if err != nil {
				return false, err
			}
			left := 0
			if atMost > 0 {
				left = atMost - n
			}
			some, all, err := r.Count(sub, left)
			n += some
			exact = exact && all
			return exact && (atMost == 0 || n < atMost), err
		})
	})
	return n, exact, err
}

// query is the filter in the words of the store. The tags go from the rarest to
// the most common, as far as that can be known.
func (f Filter) query(p provider.Page) (store.Query, error) {
	q := store.Query{Kind: kindDID, After: p.Cursor, Limit: p.Limit}
	add := func(name, value string) { q.All = append(q.All, store.Tag{Name: name, Value: value}) }
	if f.Status != "" && !slices.Contains(Statuses(), f.Status) {
		return q, &InputError{Field: "status", Value: string(f.Status), Rule: "is no status"}
	}
	if strings.Trim(f.Prefix, "0123456789") != "" || len(f.Prefix) > 10 {
		return q, &InputError{Field: "prefix", Value: f.Prefix, Rule: "must be up to ten digits"}
	}
	for _, n := range slices.Sorted(maps.Keys(f.Section)) {
		add(tagSection+string(n), f.Section[n])
	}
	if f.Block != "" {
		add(tagBlock, string(f.Block))
	}
	switch {
	case f.Tenant != nil && f.Status != "":
		q.All = append(q.All, tenantStatus(*f.Tenant, f.Status))
	case f.Tenant != nil:
		add(tagTenant, string(*f.Tenant))
	case f.Status != "":
		add(tagStatus, string(f.Status))
	}
	if f.Carrier != "" {
		add(tagCarrier, string(f.Carrier))
	}
	if !f.WithClosed && f.Tenant == nil && f.Status == "" {
		add(tagOpen, "")
	}
	if f.Prefix != "" {
		q.Prefix = store.ID("+1" + f.Prefix)
	}
	if f.Text != "" {
		if q.Contains = digitsOf(f.Text); q.Contains == "" {
			return q, &InputError{Field: "text", Value: f.Text, Rule: "has neither a digit nor a letter to search for"}
		}
	}
	return q, nil
}

func (s *Service) page(r store.Reader, q store.Query, out *provider.Result[Row]) error {
	found, err := r.List(q)
	if err != nil {
		return err
	}
	names := tenantNames{r: r}
	out.Items = slices.Grow(out.Items, len(found.Records))
	late := lateness{s: s}
	var d DID
	for i := range found.Records {
		d = DID{}
		if err := d.readRow(found.Records[i].ID, found.Records[i].Row); err != nil {
			return err
		}
		row := Row{Number: d.Number, Tenant: d.Tenant, Status: d.Status, Late: late.of(&d), Since: d.Since, Dest: d.Dest, Sections: d.Sections, Blocks: d.Blocks,
			Carrier: d.Carrier, State: d.State, City: d.City, RateCenter: d.RateCenter, Price: d.Price, Attention: d.Attention}
		if row.TenantName, err = names.name(d.Tenant); err != nil {
			return err
		}
		if row.Actions, err = s.actions(r, &d); err != nil {
			return err
		}
		out.Items = append(out.Items, row)
	}
	out.Next = found.Next
	return nil
}

func (s *Service) actions(r store.Reader, d *DID) ([]Action, error) {
	out := make([]Action, len(operatorEvents))
	for i, on := range operatorEvents {
		_, why, err := s.verdict(r, d, on)
		if err != nil {
			return nil, err
		}
		out[i] = Action{on, why}
	}
	return out, nil
}

// lateness says whether DIDs wait for their carriers for longer than usual. It
// asks each carrier once for what is usual.
type lateness struct {
	s     *Service
	usual map[provider.ID]time.Duration
}

func (l *lateness) of(d *DID) bool {
	if d.Status != Pending {
		return false
	}
	usual, known := l.usual[d.Carrier]
	if !known {
		if p, err := l.s.Carriers.Get(d.Carrier); err == nil {
			usual = p.Capabilities().Traits.Usual[provider.CapOrders]
		}
		if l.usual == nil {
			l.usual = make(map[provider.ID]time.Duration)
		}
		l.usual[d.Carrier] = usual
	}
	return usual > 0 && l.s.Now().Sub(d.Since) > usual
}

// byTenantName makes a page out of the lists of all tenants whose name matches.
// Its cursor is "=tenant/cursor" within a tenant, and ">tenant" behind one.
func (s *Service) byTenantName(r store.Reader, f Filter, p provider.Page, out *provider.Result[Row]) error {
	limit := store.PageSize(p.Limit)
	place, inner, _ := strings.Cut(p.Cursor, "/")
	var from TenantID
	if place != "" {
		from = TenantID(place[1:])
	}
	return eachTenant(r, f, from, func(q Filter) (more bool, err error) {
		at := provider.Page{Limit: limit - len(out.Items)}
		if *q.Tenant == from {
			if place[0] == '>' {
				return true, nil
			}
			at.Cursor = inner
		}
		sub, err := q.query(at)
		if err != nil {
			return false, err
		}
		if err := s.page(r, sub, out); err != nil {
			return false, err
		}
		switch {
		case out.Next != "":
			out.Next = "=" + string(*q.Tenant) + "/" + out.Next
			return false, nil
		case len(out.Items) >= limit:
			out.Next = ">" + string(*q.Tenant)
			return false, nil
		}
		return true, nil
	})
}

// eachTenant calls visit with the filter narrowed to each tenant whose name
// contains f.Text, beginning with from, until visit returns false.
func eachTenant(r store.Reader, f Filter, from TenantID, visit func(Filter) (bool, error)) error {
	text := f.Text
	f.Text = ""
	q := store.Query{Kind: kindTenant, Limit: store.MaxLimit}
	for {
		found, err := r.List(q)
		if err != nil {
			return err
		}
		for _, rec := range found.Records {
			id := TenantID(rec.ID)
			if id < from || !containsFold(string(rec.Row), text) || f.Tenant != nil && *f.Tenant != id {
				continue
			}
			narrowed := f
			narrowed.Tenant = &id
			if more, err := visit(narrowed); err != nil || !more {
				return err
			}
		}
		if q.After = found.Next; q.After == "" {
			return nil
		}
	}
}

func hasLetter(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= 0x80 })
}

// digitsOf keeps the digits of what a person typed as part of a number.
func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}
