package did_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/numberdesk/numberdesk/did"
	"github.com/numberdesk/numberdesk/money"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
)

// adopt puts numbers into the inventory as they are.
func (w *world) adopt(ds ...did.DID) {
	require.NoError(w.t, w.Update(w.ctx, func(tx *did.Tx) error {
		for _, d := range ds {
			if d.Carrier == "" {
				d.Carrier = "sandbox"
			}
			if _, err := tx.Adopt(d, "test"); err != nil {
				return err
			}
		}
		return nil
	}))
}

func sections(cnam, e911 string) (out did.Summaries) {
	out.Set("e911", did.Summary{Status: e911})
	out.Set("cnam", did.Summary{Status: cnam, Text: "ACME"})
	return out
}

func TestRowsHaveTheColumns(t *testing.T) {
	w := newWorld(t, sandbox.Config{Instant: true})
	w.tenant("acme", "Acme Plumbing")
	since := w.clock.Now().Add(-time.Hour)
	n := nanp.MustParse("501-202-0001")
	w.adopt(did.DID{Number: n, Status: did.Active, Tenant: "acme", Dest: did.Destination{Kind: "call flow", ID: "front desk"}, State: "AR", City: "Little Rock",
		RateCenter: "LITTLEROCK", Price: money.Price{Monthly: money.Known(money.Dollar)}, Since: since, Attention: "look",
		Sections: sections("synced", "not-set")})
	got := rows(t, w, did.Filter{}, 0)
	require.Equal(t, []did.Row{{Number: n, Tenant: "acme", TenantName: "Acme Plumbing", Status: did.Active, Since: since,
		Dest: did.Destination{Kind: "call flow", ID: "front desk"}, Sections: sections("synced", "not-set"),
		Carrier: "sandbox", State: "AR", City: "Little Rock", RateCenter: "LITTLEROCK", Price: money.Price{Monthly: money.Known(money.Dollar)}, Attention: "look",
		Actions: []did.Action{{Event: did.Assign, Why: "it has a tenant already"}, {Event: did.Route}, {Event: did.Release}}}}, got)
	require.True(t, got[0].Possible(did.Release))
	require.False(t, got[0].Possible(did.Assign))
	require.False(t, got[0].Possible(did.Confirm), "what carriers say is nothing that an operator does")
}

func TestAdoptRefuses(t *testing.T) {
	w := newWorld(t, sandbox.Config{Instant: true})
	n := nanp.MustParse("501-202-0001")
	w.adopt(did.DID{Number: n, Status: did.Active})
	before := w.dump()
	for want, d := range map[error]did.DID{
		did.ErrTaken:   {Number: n, Status: did.Active},
		did.ErrInvalid: {Number: nanp.MustParse("501-202-0002"), Status: "LOST"},
	} {
		require.ErrorIs(t, w.Update(w.ctx, func(tx *did.Tx) error { _, err := tx.Adopt(d, ""); return err }), want)
	}
	require.ErrorIs(t, w.Update(w.ctx, func(tx *did.Tx) error {
		_, err := tx.Adopt(did.DID{Number: nanp.MustParse("242-234-5678"), Status: did.Active}, "")
		return err
	}), nanp.RuleCountry)
	require.Equal(t, before, w.dump())
}

// Every filter, in every combination and page size, answers what looking at each
// number would, in order, without gaps and repeats.
func TestListAnswersLikeLooking(t *testing.T) {
	names := map[did.TenantID]string{"a": "Acme Plumbing", "b": "Bolt & Co", "c": "acme west", "d": "24 Hours"}
	w := newWorld(t, sandbox.Config{Instant: true})
	for id, name := range names {
		w.tenant(id, name)
	}
	var all []did.DID
	tenants := []did.TenantID{"", "", "a", "b", "c", "d"}
	for i := range 400 {
		n, err := nanp.Make([]nanp.NPA{501, 479, 212}[i%3], nanp.NXX(220+i%7), (i*37)%10000)
		require.NoError(t, err)
		d := did.DID{Number: n, Carrier: []provider.ID{"sandbox", "other"}[i%5/4], Status: did.Statuses()[i%11%7], Since: w.clock.Now(),
			Sections: sections([]string{"synced", "failed"}[i%17%2], []string{"not-set", "registered"}[i%13%2])}
		if d.Status == did.Active {
			d.Tenant = tenants[i%19%6]
		}
		if i%23 == 0 {
			d.Blocks = []did.Block{{Kind: did.Locked, Who: "ann"}}
		}
		all = append(all, d)
	}
	w.adopt(all...)

	matches := func(f did.Filter, d did.DID) bool {
		if d.Status.Closed() && !f.WithClosed && !f.Status.Closed() {
			return false
		}
		text := true
		switch digits := strings.NewReplacer("(", "", ")", "", " ", "").Replace(f.Text); {
		case f.Text == "":
		case strings.ContainsAny(f.Text, "abcdefghijklmnopqrstuvwxyzA"):
			text = d.Tenant != "" && strings.Contains(strings.ToLower(names[d.Tenant]), strings.ToLower(f.Text))
		default:
			text = strings.Contains(d.Number.String(), digits)
		}
		return text && (f.Tenant == nil || *f.Tenant == d.Tenant && !d.Status.Closed()) && (f.Status == "" || f.Status == d.Status) &&
			(f.Carrier == "" || f.Carrier == d.Carrier) && strings.HasPrefix(d.Number.String(), "+1"+f.Prefix) &&
			(f.Section["e911"] == "" || f.Section["e911"] == d.Sections.Of("e911").Status && !d.Status.Closed()) &&
			(f.Section["cnam"] == "" || f.Section["cnam"] == d.Sections.Of("cnam").Status && !d.Status.Closed()) &&
			(f.Block == "" || len(d.Blocks) > 0 && !d.Status.Closed())
	}
	rapid.Check(t, func(rt *rapid.T) {
		f := did.Filter{WithClosed: rapid.Bool().Draw(rt, "closed")}
		if rapid.Bool().Draw(rt, "by tenant") {
			f.Tenant = did.OfTenant(rapid.SampledFrom([]did.TenantID{"", "a", "b", "nobody"}).Draw(rt, "tenant"))
		}
		f.Status = rapid.SampledFrom(append(did.Statuses(), "", "", "", did.Active, did.Active)).Draw(rt, "status")
		f.Carrier = rapid.SampledFrom([]provider.ID{"", "", "sandbox", "other"}).Draw(rt, "carrier")
		f.Prefix = rapid.SampledFrom([]string{"", "", "5", "501", "47922", "2122200000"}).Draw(rt, "prefix")
		f.Text = rapid.SampledFrom([]string{"", "", "", "22", "(501) 22", "7", "acme", "bolt &", "Hours", "zzz"}).Draw(rt, "text")
		f.Block = rapid.SampledFrom([]did.BlockKind{"", "", "", did.Locked}).Draw(rt, "block")
		if rapid.Bool().Draw(rt, "by section") {
			f.Section = map[did.SectionName]string{"e911": rapid.SampledFrom([]string{"not-set", "registered"}).Draw(rt, "e911")}
			if rapid.Bool().Draw(rt, "by both") {
				f.Section["cnam"] = rapid.SampledFrom([]string{"synced", "failed"}).Draw(rt, "cnam")
			}
		}
		if strings.ContainsAny(f.Text, "abcdefghijklmnopqrstuvwxyzA") && f.Status.Closed() {
			f.Status = "" // a closed number has no tenant to be found by
		}
		var want []string
		for _, d := range all {
			if matches(f, d) {
				want = append(want, d.Number.String())
			}
		}
		var got []string
		for r, err := range provider.All(w.ctx, pager(w, f, rapid.IntRange(1, 60).Draw(rt, "page"))) {
			require.NoError(rt, err)
			got = append(got, r.Number.String())
		}
		if f.Text == "" || f.Text[0] < 'A' {
			require.True(rt, slices.IsSorted(got), "in the order of numbers")
		}
		slices.Sort(want)
		slices.Sort(got)
		require.Equal(rt, want, got)
		n, exact, err := w.Count(w.ctx, f, 0)
		require.NoError(rt, err)
		require.True(rt, exact)
		require.Equal(rt, len(want), n)
	})
	n, exact, err := w.Count(w.ctx, did.Filter{}, 10)
	require.NoError(t, err)
	require.False(t, exact)
	require.Equal(t, 10, n)
}

func TestTenantsAreListedByName(t *testing.T) {
	w := newWorld(t, sandbox.Config{})
	for i := range 30 {
		w.tenant(did.TenantID(fmt.Sprintf("t%02d", i)), fmt.Sprintf("Tenant %d of %s", i, []string{"Acme", "Bolt"}[i%2]))
	}
	var got []did.TenantID
	for x, err := range provider.All(w.ctx, pagesOfTenants(w, "ACME", 7)) {
		require.NoError(t, err)
		got = append(got, x.ID)
	}
	require.Len(t, got, 15)
	x, err := w.Tenant(w.ctx, "t03")
	require.NoError(t, err)
	x.CallerName = "BOLT"
	y, err := w.PutTenant(w.ctx, x)
	require.NoError(t, err)
	require.Greater(t, y.Version, x.Version)
	_, err = w.PutTenant(w.ctx, x)
	require.Error(t, err, "changed by somebody else")
}
