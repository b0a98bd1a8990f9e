package sandboxtest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/providertest"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/secret"
)

// ask reads from the carrier behind the adapter's back. Chaos that passes is let
// pass.
func ask[T any](s *Stage, f func(context.Context) (T, error)) T {
	var err error
	for range 20 {
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		var v T
		v, err = f(ctx)
		cancel()
		if err == nil {
			return v
		}
	}
	s.t.Fatalf("the stage cannot be set: %v", err)
	panic("unreachable")
}

// offers is one page of what the carrier sells, ascending.
func (s *Stage) offers() []provider.Offer {
	caps := s.Carrier.Capabilities()
	r := local(caps.Traits)
	r.Page.Limit = 100
	var out []provider.Offer
	for range 20 {
		res := ask(s, func(ctx context.Context) (provider.Result[provider.Offer], error) { return caps.Search.Search(ctx, r) })
		out = append(out, res.Items...)
		if r.Page.Cursor = res.Next; res.Next == "" || len(out) >= 100 {
			break
		}
	}
	return out
}

// gaps are numbers between those that are for sale: other people have them.
func (s *Stage) gaps() []nanp.Number {
	ordered := map[nanp.Number]bool{}
	for _, o := range s.Carrier.Book().Orders {
		for _, l := range o.Lines {
			ordered[l.Number] = true
		}
	}
	var out []nanp.Number
	offers := s.offers()
	for i := 1; i < len(offers); i++ {
		before, after := offers[i-1].Number, offers[i].Number
		for n, ok := before.Next(); ok && n < after && n.NXX() == after.NXX(); n, ok = n.Next() {
			if !ordered[n] && n.CheckDID() == nil {
				out = append(out, n)
			}
		}
	}
	return out
}

// taken gives another number at each call.
func (s *Stage) taken() nanp.Number {
	s.mu.Lock()
	i := s.given
	s.given++
	s.mu.Unlock()
	gaps := s.gaps()
	if i >= len(gaps)/2 {
		s.t.Fatalf("no number that another buyer has is left")
	}
	return gaps[i]
}

// elsewhere looks for numbers that can be ported and numbers that cannot, and
// knows what the losing carrier knows.
func (s *Stage) elsewhere(w *providertest.World) {
	caps := s.Carrier.Capabilities()
	gaps := s.gaps()
	gaps = gaps[len(gaps)/2:] // the others are taken
	by := map[string][]nanp.Number{}
	for _, c := range ask(s, func(ctx context.Context) ([]provider.PortCheck, error) { return caps.PortCheck.CheckPort(ctx, gaps) }) {
		if !c.Portable {
			w.Elsewhere.Not = append(w.Elsewhere.Not, c.Number)
			continue
		}
		by[c.Losing] = append(by[c.Losing], c.Number)
	}
	var losing []string
	for name := range by {
		losing = append(losing, name)
	}
	slices.Sort(losing)
	for i, name := range losing {
		if i < 2 {
			w.Elsewhere.Two = append(w.Elsewhere.Two, by[name][len(by[name])-1])
		}
		if len(by[name]) > len(w.Elsewhere.One)+1 {
			w.Elsewhere.One = by[name][:len(by[name])-1]
		}
	}
	w.Port = func(k provider.Key, ns []nanp.Number) provider.PortRequest {
		account, _ := s.Carrier.LosingAccount(ns[0])
		r := provider.PortRequest{
			Key: k, Losing: "Sandbox Local Exchange", Account: secret.New(account), BTN: ns[0], Authorized: secret.New("Erika Beispiel"),
			Name: secret.New("River Bakery LLC"), Email: secret.New("erika@river-bakery.example"), Service: w.Addresses.Good, Zone: "America/Chicago",
		}
		for _, n := range ns {
			_, pin := s.Carrier.LosingAccount(n)
			r.Lines = append(r.Lines, provider.PortLine{Number: n, PIN: secret.New(pin)})
		}
		return r
	}
	w.Document = document
	w.RejectPort = s.RejectPort
	w.AskPortOut = s.AskPortOut
	w.Secrets = append(w.Secrets, "Erika Beispiel", "River Bakery LLC", "erika@river-bakery.example")
}

// document is the smallest letter of authorisation.
func document() provider.Document {
	b := []byte("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
	return provider.Document{
		Kind: "loa", MediaType: "application/pdf", Size: int64(len(b)), SHA256: sha256.Sum256(b),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil },
	}
}

// RejectPort lets the losing carrier reject an order, moving the clock to where it
// can. r is the reference at the simulated carrier.
func (s *Stage) RejectPort(r provider.Ref) {
	var err error
	for range 500 {
		if err = s.Carrier.RejectPort(r, provider.Rejection{Code: "NAME_MISMATCH", Carrier: "S12", Text: "the name is not that of the account"}); err == nil {
			return
		}
		if !errors.Is(err, provider.Conflict) {
			break
		}
		s.Advance(15 * time.Minute)
	}
	s.t.Fatalf("the losing carrier cannot reject the port: %v", err)
}

// AskPortOut lets another carrier ask for a number of ours.
func (s *Stage) AskPortOut(n nanp.Number) {
	if _, err := s.Carrier.AskPortOut(n, "Sandbox Wireless", 72*time.Hour); err != nil {
		s.t.Fatalf("no carrier asks for %s: %v", n.Format(), err)
	}
}

// addresses are those of the simulated registrar, which judges by the form alone.
func (s *Stage) addresses(w *providertest.World) {
	a := postal.Civic{HouseNumber: "123", PreDir: "W", Street: "CAPITOL", Suffix: "AVE", City: "LITTLE ROCK", State: "AR", PostalCode: "72201"}
	other := a
	other.HouseNumber, other.PreDir, other.Street, other.Suffix = "417", "E", "MARKHAM", "ST"
	ambiguous := a
	ambiguous.HouseNumber, ambiguous.PreDir = "1200", ""
	corrected := a
	corrected.Street, corrected.Suffix, corrected.City = "Capitol", "Avenue", "Little Rock"
	bad := a
	bad.HouseNumber, bad.PreDir, bad.Street, bad.Suffix = "", "", "PO BOX 12", ""
	w.Addresses = providertest.Addresses{Good: s.master(a), Other: s.master(other), Corrected: corrected, Ambiguous: ambiguous, Bad: bad}
}

// master is an address as the registrar writes it.
func (s *Stage) master(a postal.Civic) postal.Civic {
	for range 20 { // chaos may blur the grade
		c := ask(s, func(ctx context.Context) (provider.AddressCheck, error) {
			return s.Carrier.Capabilities().Addresses.CheckAddress(ctx, a)
		})
		switch {
		case c.Corrected != nil:
			return *c.Corrected
		case c.Grade == provider.Valid:
			return a
		}
	}
	s.t.Fatalf("the registrar does not know its own form of an address")
	return a
}

// Happen lets something happen behind the adapter's back that a carrier sends a
// message about: an order under a key, and its settling.
func (s *Stage) Happen() provider.Order {
	caps := s.Carrier.Capabilities()
	s.mu.Lock()
	s.happened++
	k := provider.Key("behind-the-scenes-" + string(rune('a'+s.happened%26)) + string(rune('a'+s.happened/26)))
	s.mu.Unlock()
	offers := s.offers()
	r := provider.OrderRequest{Key: k, Lines: []provider.OrderLine{{Number: offers[len(offers)-1].Number}}}
	o := ask(s, func(ctx context.Context) (provider.Order, error) { return caps.Orders.Place(ctx, r) })
	s.Advance(s.settle(provider.CapOrders) + time.Second)
	if f := ask(s, func(ctx context.Context) (provider.Finding[provider.Order], error) {
		return caps.Orders.Track(ctx, provider.Trace{Key: k, Ref: o.Ref, Numbers: []nanp.Number{r.Lines[0].Number}})
	}); f.Verdict == provider.Found {
		return f.Value
	}
	return o
}

// messages are those of the simulated carrier itself.
func (s *Stage) messages(w *providertest.World) {
	w.Hook = func() provider.Webhook {
		s.Happen()
		all, _ := s.Carrier.Messages(0)
		if len(all) == 0 {
			s.t.Fatalf("the carrier sends no messages")
		}
		return all[len(all)-1]
	}
	w.UnknownHook = func() provider.Webhook {
		h := w.Hook()
		h.Body = []byte(`{"id":"hk-unknown","about":"weather","numbers":[],"status":"sunny","at":"2026-08-03T09:00:00Z"}`)
		mac := hmac.New(sha256.New, []byte(s.hookKey.Reveal()))
		mac.Write([]byte(h.Header[sandbox.HookTimestamp][0] + "." + string(h.Body)))
		h.Header[sandbox.HookSignature] = []string{base64.StdEncoding.EncodeToString(mac.Sum(nil))}
		return h
	}
	if keyless, err := sandbox.New(sandbox.Config{Now: s.Now}); err == nil {
		w.Keyless = keyless.Capabilities().Hooks
	}
	w.Secrets = append(w.Secrets, s.hookKey.Reveal())
}
