package sandbox

import (
	"crypto/sha256"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox/internal/porting"
	"github.com/numberdesk/numberdesk/secret"
)

// foreign returns numbers that can be ported in, of one line type: in an exchange
// of Little Rock, or toll-free.
func (d *desk) foreign(line provider.LineType, count int) []nanp.Number {
	d.Helper()
	n := nanp.MustParse("5012170000")
	if line == provider.LineTollFree {
		n = nanp.MustParse("8882170000")
	}
	var out []nanp.Number
	losing := ""
	for len(out) < count {
		checks, err := d.PortCheck.CheckPort(ctxOf(d.T), []nanp.Number{n})
		require.NoError(d, err)
		if c := checks[0]; c.Portable && c.Line == line && (losing == "" || losing == c.Losing) {
			out, losing = append(out, n), c.Losing
		}
		n, _ = n.Next()
	}
	return out
}

var townHall = postal.Civic{HouseNumber: "500", Street: "MARKHAM", Suffix: "ST", City: "LITTLE ROCK", State: "AR", PostalCode: "72201"}

// asking is a request that the losing carrier of the first number agrees to.
func (d *desk) asking(k provider.Key, ns ...nanp.Number) provider.PortRequest {
	account, _ := d.c.LosingAccount(ns[0])
	r := provider.PortRequest{
		Key: k, Account: secret.New(account), Authorized: secret.New("Ada Canary"), Name: secret.New("Canary Song LLC"),
		Email: secret.New("ada@canary.example"), Service: townHall,
	}
	for _, n := range ns {
		_, pin := d.c.LosingAccount(n)
		r.Lines = append(r.Lines, provider.PortLine{Number: n, PIN: secret.New(pin)})
	}
	return r
}

func pdf(text string) provider.Document {
	b := []byte("%PDF-1.7\n" + text)
	return provider.Document{Kind: "loa", MediaType: "application/pdf", Size: int64(len(b)), SHA256: sha256.Sum256(b), Open: opened(b)}
}

// loa uploads a letter of authorisation.
func (d *desk) loa(k provider.Key) provider.Ref {
	d.Helper()
	up, err := d.PortDocs.UploadDocument(ctxOf(d.T), k, pdf("signed by Ada Canary"))
	require.NoError(d, err)
	return up.Ref
}

// submitted opens a port with everything that it needs, and submits it.
func (d *desk) submitted(k provider.Key, ns ...nanp.Number) provider.PortOrder {
	d.Helper()
	r := d.asking(k, ns...)
	r.Documents = []provider.Ref{d.loa(k + "-d")}
	os, err := d.Ports.OpenPort(ctxOf(d.T), r)
	require.NoError(d, err)
	require.Len(d, os, 1)
	o, err := d.Ports.SubmitPort(ctxOf(d.T), k+"-s", os[0].Ref)
	require.NoError(d, err)
	return o
}

func (d *desk) port(r provider.Ref) provider.PortOrder {
	d.Helper()
	f, err := d.Ports.TrackPort(ctxOf(d.T), provider.Trace{Ref: r})
	require.NoError(d, err)
	require.Equal(d, provider.Found, f.Verdict)
	require.Len(d, f.Value, 1)
	return f.Value[0]
}

// until goes from change to change until the order stands so.
func (d *desk) until(r provider.Ref, s provider.PortState) provider.PortOrder {
	d.Helper()
	for {
		o := d.port(r)
		if o.State == s {
			return o
		}
		steps := d.c.state.ports.Order(r, d.clk.Now()).Steps()
		next := slices.IndexFunc(steps, func(x porting.Step) bool { return x.At.After(d.clk.Now()) })
		require.GreaterOrEqual(d, next, 0, "%s is %s and never %s", r, o.State, s)
		d.clk.add(steps[next].At.Sub(d.clk.Now()))
	}
}

func TestAPortGoesThroughToItsEnd(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		ns := d.foreign(provider.LineLandline, 2)
		r := d.asking("p1", ns...)
		r.Documents = []provider.Ref{d.loa("d1")}
		os, err := d.Ports.OpenPort(ctxOf(d.T), r)
		require.NoError(d, err)
		require.Len(d, os, 1)
		o := os[0]
		require.Equal(d, provider.PortDraft, o.State)
		require.Equal(d, provider.Key("p1"), o.Key)
		require.Len(d, o.Items, 2)
		d.clk.add(24 * time.Hour)
		require.Equal(d, provider.PortDraft, d.port(o.Ref).State, "a draft waits for us")

		sent := d.clk.Now()
		o, err = d.Ports.SubmitPort(ctxOf(d.T), "s1", o.Ref)
		require.NoError(d, err)
		var seen []provider.PortState
		for o.State != provider.PortDone {
			if len(seen) == 0 || seen[len(seen)-1] != o.State {
				seen = append(seen, o.State)
			}
			for _, it := range o.Items {
				require.Equal(d, o.State, it.State)
				require.Equal(d, portWords[o.State], it.Said.Raw)
				_, err := d.Owned.Owned(ctxOf(d.T), it.Number)
				fails(d, err, provider.NotFound, provider.NotApplied)
			}
			require.Equal(d, o.State == provider.PortFOC || o.State == provider.PortActivating, !o.FOC.IsZero())
			require.Empty(d, d.c.Book().OwnedAt(d.clk.Now()), "not ours before it is done")
			d.clk.add(10 * time.Minute)
			o = d.port(o.Ref)
		}
		require.Equal(d, []provider.PortState{provider.PortChecking, provider.PortSubmitted, provider.PortAcknowledged, provider.PortFOC, provider.PortActivating}, seen)
		require.LessOrEqual(d, d.clk.Now().Sub(sent), d.Traits.Usual[provider.CapPorts])
		require.Greater(d, d.clk.Now().Sub(sent), 4*24*time.Hour)
		require.WithinDuration(d, o.FOC, d.clk.Now(), 2*time.Hour)
		require.Equal(d, ns, d.c.Book().Owned)
		require.Equal(d, ns, d.c.Book().OwnedAt(d.clk.Now()))
		for _, n := range ns {
			own, err := d.Owned.Owned(ctxOf(d.T), n)
			require.NoError(d, err)
			require.Equal(d, "p1", own.Tag)
			require.Equal(d, provider.ItemLive, own.State)
			info, err := d.Lookup.LookupNumber(ctxOf(d.T), n)
			require.NoError(d, err)
			require.Equal(d, "Sandbox", info.Carrier)
			require.Equal(d, provider.Yes, info.Ported)
			require.False(d, info.PortedOn.After(d.clk.Now()))
			account, pin := d.c.LosingAccount(n)
			require.Empty(d, account+pin)
		}
		require.Empty(d, d.c.Book().Charges)

		// It is a number like any other now.
		_, err = d.Routing.Route(ctxOf(d.T), provider.RouteRequest{Key: "r1", Numbers: ns, To: "trunk"})
		require.NoError(d, err)
		back, err := d.Return.Return(ctxOf(d.T), provider.ReturnRequest{Key: "b1", Numbers: ns[:1]})
		require.NoError(d, err)
		d.clk.add(back.Again)
		require.Equal(d, ns[1:], d.c.Book().OwnedAt(d.clk.Now()))
	})
}

func TestPapersAndSignatures(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		n := d.foreign(provider.LineLandline, 1)[0]
		os, err := d.Ports.OpenPort(ctxOf(d.T), d.asking("p1", n))
		require.NoError(d, err)
		_, err = d.Ports.SubmitPort(ctxOf(d.T), "s1", os[0].Ref)
		require.NoError(d, err)
		o := d.until(os[0].Ref, provider.PortNeedsDocument)
		require.Equal(d, []provider.Requirement{{ID: "loa", Name: "letter of authorization", Kind: "document"}}, o.Needs)
		d.clk.add(portMax)
		require.Equal(d, provider.PortNeedsDocument, d.port(o.Ref).State)
		r := d.asking("", n)
		bill := pdf("a bill")
		bill.Kind = "invoice"
		up, err := d.PortDocs.UploadDocument(ctxOf(d.T), "d1", bill)
		require.NoError(d, err)
		r.Documents = []provider.Ref{up.Ref}
		o, err = d.PortAmend.AmendPort(ctxOf(d.T), "a1", o.Ref, r)
		require.NoError(d, err)
		require.Empty(d, o.Needs)
		d.until(o.Ref, provider.PortNeedsDocument) // a bill is no letter
		r.Documents = []provider.Ref{d.loa("d2")}
		_, err = d.PortAmend.AmendPort(ctxOf(d.T), "a2", o.Ref, r)
		require.NoError(d, err)
		d.until(o.Ref, provider.PortDone)
	})
	both(t, Config{SignsLOA: true}, func(d *desk) {
		require.True(d, d.Traits.SignsLOA)
		n := d.foreign(provider.LineLandline, 1)[0]
		r := d.asking("p1", n)
		r.Email = secret.String{}
		os, err := d.Ports.OpenPort(ctxOf(d.T), r)
		require.NoError(d, err)
		_, err = d.Ports.SubmitPort(ctxOf(d.T), "s1", os[0].Ref)
		require.NoError(d, err)
		o := d.until(os[0].Ref, provider.PortNeedsSignature)
		require.Len(d, o.Needs, 1)
		d.clk.add(portMax)
		require.Equal(d, provider.PortNeedsSignature, d.port(o.Ref).State, "nobody was asked")
		_, err = d.PortAmend.AmendPort(ctxOf(d.T), "a1", o.Ref, d.asking("", n))
		require.NoError(d, err)
		d.until(o.Ref, provider.PortNeedsSignature)
		d.until(o.Ref, provider.PortSubmitted)
		d.until(o.Ref, provider.PortDone)
	})
}

func TestOpeningSubmitsWhereThereAreNoDrafts(t *testing.T) {
	both(t, Config{PortAtOnce: true, SignsLOA: true, Keying: provider.ByThing}, func(d *desk) {
		ns := d.foreign(provider.LineLandline, 2)
		sent := d.clk.Now()
		os, err := d.Ports.OpenPort(ctxOf(d.T), d.asking("p1", ns...))
		require.NoError(d, err)
		require.Equal(d, provider.PortChecking, os[0].State)
		require.Empty(d, os[0].Key, "this carrier knows no keys")
		require.NotEmpty(d, os[0].Ref)
		o, err := d.Ports.SubmitPort(ctxOf(d.T), "s1", os[0].Ref)
		require.NoError(d, err)
		require.Equal(d, provider.PortChecking, o.State)
		require.Zero(d, d.c.Book().Applied(provider.OpSubmitPort, "s1"))

		f, err := d.Ports.TrackPort(ctxOf(d.T), provider.Trace{Key: "p1", Numbers: ns[1:], Since: sent})
		require.NoError(d, err)
		require.Equal(d, os[0].Ref, f.Value[0].Ref)
		f, err = d.Ports.TrackPort(ctxOf(d.T), provider.Trace{Key: "p1"})
		require.NoError(d, err)
		require.Equal(d, provider.CannotTell, f.Verdict)
		_, err = d.Ports.OpenPort(ctxOf(d.T), d.asking("p1", ns...))
		fails(d, err, provider.Conflict, provider.NotApplied)
		d.until(o.Ref, provider.PortDone)
		own, err := d.Owned.Owned(ctxOf(d.T), ns[0])
		require.NoError(d, err)
		require.Empty(d, own.Tag)
	})
	both(t, Config{Forgetful: true}, func(d *desk) {
		n := d.foreign(provider.LineLandline, 1)
		o := d.submitted("p1", n...)
		f, err := d.Ports.TrackPort(ctxOf(d.T), provider.Trace{Key: "p1", Numbers: n})
		require.NoError(d, err)
		require.Equal(d, provider.CannotTell, f.Verdict)
		require.NotEmpty(d, f.Why)
		require.Equal(d, o.Ref, d.port(o.Ref).Ref, "a reference is a reference")
	})
}

func TestAKeyOpensOnePort(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		ns := d.foreign(provider.LineLandline, 3)
		first, err := d.Ports.OpenPort(ctxOf(d.T), d.asking("p1", ns[:2]...))
		require.NoError(d, err)
		again, err := d.Ports.OpenPort(ctxOf(d.T), d.asking("p1", ns[1], ns[0]))
		require.NoError(d, err)
		require.Equal(d, first[0].Ref, again[0].Ref)
		_, err = d.Ports.OpenPort(ctxOf(d.T), d.asking("p1", ns[2]))
		fails(d, err, provider.Conflict, provider.NotApplied)
		require.Equal(d, 1, d.c.Book().Applied(provider.OpOpenPort, "p1"))
		other, err := d.Ports.OpenPort(ctxOf(d.T), d.asking("p2", ns[2]))
		require.NoError(d, err)
		for range 2 {
			_, err = d.Ports.CancelPort(ctxOf(d.T), "c1", first[0].Ref, ns[:1])
			require.NoError(d, err)
		}
		require.Equal(d, 1, d.c.Book().Applied(provider.OpCancelPort, "c1"))
		_, err = d.Ports.CancelPort(ctxOf(d.T), "c1", other[0].Ref, nil)
		fails(d, err, provider.Conflict, provider.NotApplied)
	})
}

func TestCancelling(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		ns := d.foreign(provider.LineLandline, 3)
		draft, err := d.Ports.OpenPort(ctxOf(d.T), d.asking("p1", ns...))
		require.NoError(d, err)
		o, err := d.Ports.CancelPort(ctxOf(d.T), "c1", draft[0].Ref, nil)
		require.NoError(d, err)
		require.Equal(d, provider.PortCancelled, o.State, "a draft has been nowhere")

		// The numbers are free for another port.
		o = d.submitted("p2", ns...)
		o, err = d.Ports.CancelPort(ctxOf(d.T), "c2", o.Ref, ns[:1])
		require.NoError(d, err)
		require.Equal(d, provider.PortChecking, o.State)
		require.Equal(d, provider.PortCancelAsked, o.Items[0].State)
		require.Equal(d, provider.PortChecking, o.Items[1].State)
		_, err = d.Ports.OpenPort(ctxOf(d.T), d.asking("p3", ns[0]))
		fails(d, err, provider.Conflict, provider.NotApplied)
		o = d.until(o.Ref, provider.PortFOC)
		require.Equal(d, provider.PortCancelled, o.Items[0].State)
		_, err = d.Ports.OpenPort(ctxOf(d.T), d.asking("p3", ns[0]))
		require.NoError(d, err)
		o, err = d.Ports.CancelPort(ctxOf(d.T), "c3", o.Ref, ns[:1])
		require.NoError(d, err, "it is as it was asked for")
		require.Equal(d, provider.PortFOC, o.State)
		require.Zero(d, d.c.Book().Applied(provider.OpCancelPort, "c3"))
		_, err = d.Ports.CancelPort(ctxOf(d.T), "c4", o.Ref, d.find(1))
		fails(d, err, provider.Invalid, provider.NotApplied)

		// Up to the day itself, and not on it.
		day := time.Date(o.FOC.Year(), o.FOC.Month(), o.FOC.Day(), 0, 0, 0, 0, time.UTC)
		d.clk.add(day.Sub(d.clk.Now()) - time.Nanosecond)
		require.Equal(d, provider.PortFOC, d.port(o.Ref).State)
		d.clk.add(time.Nanosecond)
		for _, only := range [][]nanp.Number{nil, ns[1:2]} {
			_, err = d.Ports.CancelPort(ctxOf(d.T), "c5", o.Ref, only)
			fails(d, err, provider.Conflict, provider.NotApplied)
		}
		d.until(o.Ref, provider.PortDone)
		_, err = d.Ports.CancelPort(ctxOf(d.T), "c6", o.Ref, nil)
		fails(d, err, provider.Conflict, provider.NotApplied)
		require.Equal(d, ns[1:], d.c.Book().OwnedAt(d.clk.Now()))
	})
	both(t, Config{}, func(d *desk) {
		ns := d.foreign(provider.LineLandline, 2)
		o := d.submitted("p1", ns...)
		o = d.until(o.Ref, provider.PortFOC)
		day := time.Date(o.FOC.Year(), o.FOC.Month(), o.FOC.Day(), 0, 0, 0, 0, time.UTC)
		d.clk.add(day.Sub(d.clk.Now()) - time.Nanosecond)
		for i, n := range ns { // one by one, the whole order
			got, err := d.Ports.CancelPort(ctxOf(d.T), provider.Key([]string{"c1", "c2"}[i]), o.Ref, []nanp.Number{n})
			require.NoError(d, err)
			require.Equal(d, []provider.PortState{provider.PortFOC, provider.PortCancelAsked}[i], got.State)
		}
		d.clk.add(portMax)
		require.Equal(d, provider.PortCancelled, d.port(o.Ref).State)
		require.Empty(d, d.c.Book().OwnedAt(d.clk.Now()))
		_, err := d.PortAmend.AmendPort(ctxOf(d.T), "a1", o.Ref, d.asking("", ns...))
		fails(d, err, provider.Conflict, provider.NotApplied)
	})
}

func TestTheLosingCarrierByHand(t *testing.T) {
	both(t, Config{}, func(d *desk) {
		n := d.foreign(provider.LineLandline, 1)[0]
		o := d.submitted("p1", n)
		fails(d, d.c.MoveFOC(o.Ref, d.clk.Now().Add(time.Hour)), provider.Conflict, provider.NotApplied)
		why := []provider.Rejection{{Code: "port_protection", Carrier: "6P", Text: "locked"}, {Carrier: "LOA_ILLEGIBLE"}}
		require.NoError(d, d.c.RejectPort(o.Ref, why...))
		o = d.port(o.Ref)
		require.Equal(d, provider.PortRejected, o.State)
		require.Equal(d, why, o.Reasons)
		require.Equal(d, why, o.Items[0].Reasons)
		fails(d, d.c.RejectPort(o.Ref, why...), provider.Conflict, provider.NotApplied)
		_, err := d.PortAmend.AmendPort(ctxOf(d.T), "a1", o.Ref, d.asking("", n))
		require.NoError(d, err)
		o = d.until(o.Ref, provider.PortFOC)

		to := o.FOC.Add(5 * 24 * time.Hour)
		require.NoError(d, d.c.MoveFOC(o.Ref, to))
		fails(d, d.c.MoveFOC(o.Ref, d.clk.Now()), provider.Invalid, provider.NotApplied)
		require.True(d, to.Equal(d.port(o.Ref).FOC))
		d.clk.add(to.Sub(d.clk.Now()) - time.Second)
		require.Equal(d, provider.PortFOC, d.port(o.Ref).State)
		_, err = d.Ports.CancelPort(ctxOf(d.T), "c1", o.Ref, nil)
		fails(d, err, provider.Conflict, provider.NotApplied)
		d.clk.add(time.Second)
		require.Equal(d, provider.PortActivating, d.port(o.Ref).State)
		fails(d, d.c.RejectPort(o.Ref, why...), provider.Conflict, provider.NotApplied)
		d.until(o.Ref, provider.PortDone)
	})
}

func TestTheWishedDateIsGrantedWhereItCanBe(t *testing.T) {
	d := open(t, Config{}) // Monday, August 3
	ns := d.foreign(provider.LineLandline, 5)
	for i, c := range []struct {
		wish    provider.Date
		zone    string
		granted bool
	}{
		{provider.Date{Year: 2026, Month: 8, Day: 20}, "America/Chicago", true},
		{provider.Date{Year: 2026, Month: 8, Day: 22}, "", false}, // a Saturday
		{provider.Date{Year: 2026, Month: 8, Day: 4}, "", false},  // too soon
		{provider.Date{Year: 2026, Month: 9, Day: 1}, "", true},
		{provider.Date{Year: 2026, Month: 9, Day: 8}, "", false}, // too far
	} {
		k := provider.Key([]string{"p0", "p1", "p2", "p3", "p4"}[i])
		r := d.asking(k, ns[i])
		r.Desired, r.Zone = c.wish, c.zone
		r.Documents = []provider.Ref{d.loa(k + "-d")}
		os, err := d.Ports.OpenPort(ctxOf(t), r)
		require.NoError(t, err)
		require.Equal(t, c.wish, os[0].Requested)
		_, err = d.Ports.SubmitPort(ctxOf(t), k+"-s", os[0].Ref)
		require.NoError(t, err)
		steps := d.c.state.ports.ByKey(k)[0].Steps()
		foc := steps[len(steps)-1].FOC
		zone, err := time.LoadLocation(c.zone)
		require.NoError(t, err)
		local := foc.In(zone)
		require.Equal(t, c.granted, local.Format(time.DateOnly) == c.wish.String(), "%s: %s", c.wish, local)
		require.Equal(t, "11:30", local.Format("15:04"))
		require.NotContains(t, []time.Weekday{time.Saturday, time.Sunday}, local.Weekday())
		require.LessOrEqual(t, steps[len(steps)-1].At.Sub(d.clk.Now()), d.Traits.Usual[provider.CapPorts])
	}
}

func TestPortsGoFasterWithSpeed(t *testing.T) {
	both(t, Config{Speed: 86400}, func(d *desk) {
		n := d.foreign(provider.LineLandline, 1)
		o := d.submitted("p1", n...)
		require.Less(d, d.Traits.Usual[provider.CapPorts], time.Minute)
		sent := d.clk.Now()
		for _, s := range []provider.PortState{provider.PortSubmitted, provider.PortAcknowledged, provider.PortFOC, provider.PortActivating, provider.PortDone} {
			require.LessOrEqual(d, d.until(o.Ref, s).FOC.Sub(sent), d.Traits.Usual[provider.CapPorts])
		}
		require.LessOrEqual(d, d.clk.Now().Sub(sent), d.Traits.Usual[provider.CapPorts])
		require.Equal(d, n, d.c.Book().OwnedAt(d.clk.Now()))
	})
}
