package did

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/numberdesk/numberdesk/money"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/store"
)

func drawDID(t *rapid.T) DID {
	text := rapid.StringN(0, 20, 40)
	when := rapid.Custom(func(t *rapid.T) time.Time {
		if us := rapid.Int64Range(0, 4e15).Draw(t, "us"); us > 0 {
			return time.UnixMicro(us).UTC()
		}
		return time.Time{}
	})
	rate := rapid.Custom(func(t *rapid.T) money.Rate {
		if !rapid.Bool().Draw(t, "known") {
			return money.Rate{}
		}
		return money.Known(money.USD(rapid.Int64().Draw(t, "usd")))
	})
	n, err := nanp.Make(501, nanp.NXX(rapid.IntRange(222, 299).Draw(t, "nxx")), rapid.IntRange(0, 9999).Draw(t, "line"))
	require.NoError(t, err)
	d := DID{Number: n, Carrier: provider.ID(text.Draw(t, "carrier")), Ref: provider.Ref(text.Draw(t, "ref")), Order: store.ID(text.Draw(t, "order")),
		Status: rapid.SampledFrom(Statuses()).Draw(t, "status"), Prior: rapid.SampledFrom(Statuses()).Draw(t, "prior"), Tenant: TenantID(text.Draw(t, "tenant")),
		Dest: Destination{text.Draw(t, "kind"), text.Draw(t, "id")}, State: text.Draw(t, "state"), City: text.Draw(t, "city"), RateCenter: text.Draw(t, "rc"),
		Price:     money.Price{Setup: rate.Draw(t, "s"), Monthly: rate.Draw(t, "m"), MinuteIn: rate.Draw(t, "i"), MinuteOut: rate.Draw(t, "o")},
		Attention: text.Draw(t, "attention"), Bought: when.Draw(t, "bought"), Since: when.Draw(t, "since"),
		Said: provider.Said{By: "c", Raw: provider.Raw(text.Draw(t, "raw")), Request: text.Draw(t, "req"), At: when.Draw(t, "at")}, Version: 7}
	for range rapid.IntRange(0, 2).Draw(t, "blocks") {
		d.Blocks = append(d.Blocks, Block{Locked, text.Draw(t, "who"), text.Draw(t, "why"), when.Draw(t, "bs")})
	}
	for range rapid.IntRange(0, 3).Draw(t, "sections") {
		d.Sections.Set(SectionName(text.Draw(t, "name")), Summary{text.Draw(t, "st"), text.Draw(t, "tx")})
	}
	return d
}

func TestRecordKeepsEverything(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := drawDID(rt)
		got, err := fromRecord(d.record())
		require.NoError(rt, err)
		got.was = nil
		require.Equal(rt, d, got)
	})
}

// A cut or changed record is damage that is told, never another DID and no panic.
func TestDamagedRecordsAreTold(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := drawDID(rt)
		r := d.record()
		part := &r.Row
		if rapid.Bool().Draw(rt, "body") {
			part = &r.Body
		}
		*part = (*part)[:rapid.IntRange(0, len(*part)-1).Draw(rt, "cut")]
		_, err := fromRecord(r)
		require.ErrorIs(rt, err, store.ErrDamaged)
	})
	_, err := fromRecord(store.Record{ID: "+15015550123", Row: []byte{99}})
	require.ErrorIs(t, err, store.ErrDamaged, "a form that is not known")
	_, err = fromRecord(store.Record{ID: "nonsense"})
	require.Error(t, err)
}

func FuzzFromRecord(f *testing.F) {
	d := DID{Number: nanp.MustParse("501-555-0123"), Status: Active, Blocks: []Block{{Kind: Locked}}}
	r := d.record()
	f.Add(r.Row, r.Body)
	f.Fuzz(func(t *testing.T, row, body []byte) {
		d, err := fromRecord(store.Record{ID: "+15015550123", Row: row, Body: body})
		if err == nil {
			again, err := fromRecord(d.record())
			require.NoError(t, err)
			require.Equal(t, d.record(), again.record())
		}
	})
}

func BenchmarkCodec(b *testing.B) {
	d := DID{Number: nanp.MustParse("501-555-0123"), Status: Active, Tenant: "acme", Carrier: "sandbox", State: "AR", City: "Little Rock", RateCenter: "LITTLEROCK",
		Price: money.Price{Setup: money.Known(money.Dollar), Monthly: money.Known(money.Dollar)}, Since: time.Unix(1e9, 0),
		Sections: Summaries{{"cnam", Summary{"synced", "ACME"}}, {"e911", Summary{"registered", "1 Main St"}}}}
	r := d.record()
	b.Run("encode row", func(b *testing.B) {
		b.ReportAllocs()
		buf := make([]byte, 0, 256)
		for b.Loop() {
			buf = d.appendRow(buf[:0])
		}
	})
	b.Run("decode row", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var x DID
			if err := x.readRow(r.ID, r.Row); err != nil {
				b.Fatal(err)
			}
		}
	})
}
