package did

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/store"
	"github.com/numberdesk/numberdesk/store/journal"
)

// Tenant is a customer of the embedder who uses DIDs.
type Tenant struct {
	ID         TenantID    `json:"-"`
	Name       string      `json:"name"`
	CallerName string      `json:"caller_name,omitempty"` // default for its DIDs
	Unrouted   Destination `json:"unrouted,omitzero"`     // where calls to DIDs go that it has not routed; zero: nowhere
	Version    uint64      `json:"-"`
}

const kindTenant store.Kind = "tenant"

// Validate refuses an ID that is not 1 to 64 printable characters without "/",
// and a name that is empty, longer than 200 bytes or has control characters.
func (t Tenant) Validate() error {
	if err := plain("tenant ID", string(t.ID), 64); err != nil {
		return err
	}
	if strings.Contains(string(t.ID), "/") {
		return &InputError{Field: "tenant ID", Value: string(t.ID), Rule: "must not contain a slash"}
	}
	return plain("tenant name", t.Name, 200)
}

func plain(field, s string, max int) error {
	switch {
	case strings.TrimSpace(s) == "":
		return &InputError{Field: field, Value: s, Rule: "is empty"}
	case len(s) > max:
		return &InputError{Field: field, Value: s, Rule: fmt.Sprintf("is longer than %d bytes", max)}
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }):
		return &InputError{Field: field, Value: fmt.Sprintf("%q", s), Rule: "has characters that cannot be printed"}
	}
	return nil
}

// PutTenant creates a tenant (Version 0) or changes one, and returns it as
// stored. A tenant that was changed meanwhile, or exists already, is store.ErrConflict.
func (s *Service) PutTenant(ctx context.Context, t Tenant) (Tenant, error) {
	if err := t.Validate(); err != nil {
		return Tenant{}, err
	}
	body, err := json.Marshal(t)
	if err != nil {
		return Tenant{}, err
	}
	out := t
	err = s.Update(ctx, func(tx *Tx) error {
		r := store.Record{Kind: kindTenant, ID: store.ID(t.ID), Version: t.Version, Row: []byte(t.Name), Body: body}
		if err := tx.Put(&r); err != nil {
			return err
		}
		out.Version = r.Version
		what := "tenant.changed"
		if t.Version == 0 {
			what = "tenant.created"
		}
		return tx.Journal(journal.Change{Type: what, Subject: "tenant/" + string(t.ID), Tenant: string(t.ID), After: body})
	})
	return out, err
}

// Tenant reads one tenant; the error is a *NotFoundError when there is none.
func (s *Service) Tenant(ctx context.Context, id TenantID) (t Tenant, err error) {
	err = s.view(ctx, func(r store.Reader) error {
		t, err = readTenant(r, id)
		return err
	})
	return t, err
}

func readTenant(r store.Reader, id TenantID) (Tenant, error) {
	missing := &NotFoundError{"tenant", string(id)}
	if id == "" {
		return Tenant{}, missing
	}
	rec, err := r.Get(kindTenant, store.ID(id))
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrInvalid) {
		return Tenant{}, missing
	}
	if err != nil {
		return Tenant{}, err
	}
	t := Tenant{ID: id, Version: rec.Version}
	if err := json.Unmarshal(rec.Body, &t); err != nil {
		return Tenant{}, fmt.Errorf("did: tenant %q: %w", id, err)
	}
	return t, nil
}

// Tenants lists tenants whose name contains text, in the order of their IDs. An
// empty text lists all. A page can be shorter than its limit before the last one.
func (s *Service) Tenants(ctx context.Context, text string, p provider.Page) (out provider.Result[Tenant], err error) {
	err = s.view(ctx, func(r store.Reader) error {
		found, err := r.List(store.Query{Kind: kindTenant, After: p.Cursor, Limit: p.Limit, Whole: true})
		if err != nil {
			return err
		}
		out = provider.Result[Tenant]{Next: found.Next}
		for _, rec := range found.Records {
			if !containsFold(string(rec.Row), text) {
				continue
			}
			t := Tenant{ID: TenantID(rec.ID), Version: rec.Version}
			if err := json.Unmarshal(rec.Body, &t); err != nil {
				return fmt.Errorf("did: tenant %q: %w", rec.ID, err)
			}
			out.Items = append(out.Items, t)
		}
		return nil
	})
	return out, err
}

func containsFold(s, part string) bool {
	return part == "" || strings.Contains(strings.ToLower(s), strings.ToLower(part))
}

// tenantNames remembers names while one page is made.
type tenantNames struct {
	r     store.Reader
	names map[TenantID]string
}

func (n *tenantNames) name(id TenantID) (string, error) {
	if id == "" {
		return "", nil
	}
	if s, ok := n.names[id]; ok {
		return s, nil
	}
	rec, err := n.r.Get(kindTenant, store.ID(id))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return "", err
	}
	if n.names == nil {
		n.names = make(map[TenantID]string)
	}
	name := string(rec.Row)
	n.names[id] = name
	return name, nil
}
