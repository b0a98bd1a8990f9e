package sandbox

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox/internal/names"
)

const (
	nameMin   = 5 * time.Second
	nameMax   = 60 * time.Second
	reviewMin = time.Minute
	reviewMax = time.Hour
	showMax   = time.Minute // what a look-up lags behind the carrier at most
	maxName   = 256         // bytes that a request can hold
)

var nameWords = map[provider.NameState]provider.Raw{
	provider.NameNone:     "no-name",
	provider.NameWaiting:  "sent",
	provider.NameInReview: "under-review",
	provider.NameListed:   "published",
	provider.NameReadBack: "as-shown",
	provider.NameRefused:  "turned-down",
}

// SetName takes each number by itself.
func (f face) SetName(ctx context.Context, r provider.NameRequest) (provider.NameOrder, error) {
	if err := f.key(provider.OpSetName, r.Key); err != nil {
		return provider.NameOrder{}, err
	}
	if err := f.c.numbers(provider.OpSetName, r.Numbers); err != nil {
		return provider.NameOrder{}, err
	}
	if len(r.Name) > maxName {
		return provider.NameOrder{}, f.c.invalid(provider.OpSetName, field("name", "length", "is longer than 256 bytes"))
	}
	r.Name = strings.ToValidUTF8(r.Name, "\uFFFD") // as it would arrive over a network
	return create(ctx, f.c, provider.OpSetName, string(r.Key), func(cl call) (provider.NameOrder, error) { return f.c.setName(r, cl) })
}

func (f face) TrackName(ctx context.Context, t provider.Trace) (provider.Finding[provider.NameOrder], error) {
	return read(ctx, f.c, provider.OpTrackName, subjectOf(t), locked(f.c, func(v view) (provider.Finding[provider.NameOrder], error) {
		return f.c.trackName(t, v), nil
	}))
}

func (f face) ReadName(ctx context.Context, n nanp.Number) (provider.NameItem, error) {
	return read(ctx, f.c, provider.OpReadName, n.String(), locked(f.c, func(v view) (provider.NameItem, error) { return f.c.readName(n, v) }))
}

func (f face) LookupName(ctx context.Context, n nanp.Number) (provider.CallerName, error) {
	return read(ctx, f.c, provider.OpLookupName, n.String(), locked(f.c, func(v view) (provider.CallerName, error) { return f.c.lookupName(n, v) }))
}

// setName books a name, or its removal. The caller holds mu for writing.
func (c *Carrier) setName(r provider.NameRequest, cl call) (provider.NameOrder, error) {
	known := c.state.names.Keyed(r.Key)
	if c.cfg.Keying == provider.Once && len(known) > 0 {
		b := known[0]
		same := b.Name == r.Name && b.Remove == r.Remove && len(b.Lines) == len(r.Numbers) &&
			!slices.ContainsFunc(b.Lines, func(l names.Line) bool { return !slices.Contains(r.Numbers, l.Number) })
		if !same {
			return provider.NameOrder{}, c.fail(cl.op, provider.Conflict, provider.NotApplied, "this key was used for another name or other numbers")
		}
		if err := c.overtake(cl, b.At, b.Key, b.Ref); err != nil {
			return provider.NameOrder{}, err
		}
		return c.nameOrder(b, cl.at), nil
	}
	x := &names.Entry{Name: r.Name, Remove: r.Remove}
	fault := names.Fault(r.Name, r.Remove)
	for i, n := range r.Numbers {
		x.Lines = append(x.Lines, c.nameLine(r, n, fault, cl, i == 0))
	}
	e := entry{
		Op: cl.op, At: cl.at, Key: r.Key, Attempt: cl.attempt, Fault: cl.fault, Name: x,
		Ref: provider.Ref(c.ref("nm", string(r.Key), len(known))),
	}
	if err := c.commit(e); err != nil {
		return provider.NameOrder{}, c.broken(cl.op, err)
	}
	return c.nameOrder(c.state.names.Find("", e.Ref, cl.at), cl.at), nil
}

// nameLine decides what becomes of one number.
func (c *Carrier) nameLine(r provider.NameRequest, n nanp.Number, fault string, cl call, first bool) names.Line {
	l := names.Line{Number: n, Foreign: c.serves(provider.CapNames)}
	refuse := func(at time.Time, k provider.Kind, text string) names.Line {
		l.Refused, l.Kind, l.Text = at, k, text
		return l
	}
	switch {
	case fault != "":
		return refuse(cl.at, provider.Invalid, fault)
	case !l.Foreign && c.state.owned(n, view{at: cl.now}) == nil:
		return refuse(cl.at, provider.NotYours, "the number is not in the account")
	case n.TollFree() && !c.cfg.NameTollFree:
		return refuse(cl.at, provider.Unsupported, "a toll-free number has no caller name")
	}
	h := mixText(mix(mix(c.cfg.Seed, saltName), uint64(n)), string(r.Key))
	settled := cl.at
	if c.cfg.NameReview && !r.Remove {
		settled = settled.Add(c.cfg.real(between(mix(h, saltReview), reviewMin, reviewMax)))
		l.Reviewed = settled
		if names.Wordless(r.Name) {
			return refuse(settled, provider.Invalid, "nobody can tell whose name this is: it has no letter")
		}
	}
	if c.chaos.notSaved(cl, n, first) {
		return l
	}
	l.Listed = settled.Add(c.cfg.real(between(h, nameMin, nameMax)))
	l.Shown = l.Listed.Add(c.cfg.real(between(mix(h, saltShown), 0, showMax)))
	return l
}

// nameOrder is what the carrier says about a booking at t.
func (c *Carrier) nameOrder(b *names.Booking, t time.Time) provider.NameOrder {
	out := provider.NameOrder{Said: c.said("complete", t)}
	if c.cfg.Keying >= provider.ByKey {
		out.Ref = b.Ref
	}
	for _, ch := range b.Changes {
		it := c.nameItem(ch, t)
		if it.State == provider.NameWaiting || it.State == provider.NameInReview {
			out.Said.Raw = "open"
		}
		out.Items = append(out.Items, it)
	}
	return out
}

func (c *Carrier) nameItem(ch *names.Change, t time.Time) provider.NameItem {
	st := c.told(ch, t)
	it := provider.NameItem{Number: ch.Number, State: st, Said: provider.Said{By: c.cfg.ID, Raw: nameWords[st], At: t}}
	if c.cfg.NameProof > provider.NoProof {
		it.Name = c.state.names.Held(ch.Number, t)
	}
	if st == provider.NameRefused {
		it.Err = &provider.Error{Op: provider.OpSetName, Provider: c.cfg.ID, Kind: ch.Kind, Outcome: provider.NotApplied, Number: ch.Number, Text: ch.Text}
	}
	return it
}

// told is what this carrier can tell of a change: with less than Status, nothing
// that came after its answer, but for the name that it shows.
func (c *Carrier) told(ch *names.Change, t time.Time) provider.NameState {
	st := c.state.names.At(ch, t)
	switch {
	case c.cfg.NameProof == provider.Status, st == provider.NameRefused && ch.Refused.Equal(ch.Of.At):
		return st
	case c.cfg.NameProof == provider.ReadBack && st == provider.NameNone:
		return st
	case c.cfg.NameProof == provider.ReadBack && !ch.Of.Remove && c.state.names.Held(ch.Number, t) == ch.Of.Name:
		return provider.NameReadBack
	}
	return provider.NameWaiting
}

func (c *Carrier) trackName(t provider.Trace, v view) provider.Finding[provider.NameOrder] {
	switch {
	case c.cfg.Keying == provider.ByNothing:
		return provider.Finding[provider.NameOrder]{AsOf: v.at, Why: "this carrier keeps nothing by which a request for a name could be found again"}
	case (c.cfg.Keying == provider.ByThing || t.Key == "" && t.Ref == "") && t.Removal:
		return c.trackNoName(t, v)
	case c.cfg.Keying == provider.ByThing, t.Key == "" && t.Ref == "":
		return c.trackNameOf(t, v)
	}
	find := c.state.names.Find
	if t.Removal {
		find = c.state.names.FindRemoval
	}
	if b := find(t.Key, t.Ref, v.at); b != nil {
		return provider.FoundAs(c.nameOrder(b, v.at), v.at)
	}
	return provider.Finding[provider.NameOrder]{Verdict: provider.Absent, AsOf: v.at}
}

// trackNoName looks at what is left: a name that is not there any more, or on its
// way out, has been taken away.
func (c *Carrier) trackNoName(t provider.Trace, v view) provider.Finding[provider.NameOrder] {
	out := provider.NameOrder{Said: c.said("by number", v.at)}
	for _, n := range t.Numbers {
		if ch := c.state.names.Removal(n, v.at); ch != nil {
			out.Items = append(out.Items, c.nameItem(ch, v.at))
		} else if c.state.names.Nothing(n, v.at) {
			out.Items = append(out.Items, provider.NameItem{Number: n, State: provider.NameNone, Said: c.said(nameWords[provider.NameNone], v.at)})
		}
	}
	return byNumbers(out, len(out.Items), len(t.Numbers), v)
}

// trackNameOf looks at what was asked for the numbers since the trace began.
func (c *Carrier) trackNameOf(t provider.Trace, v view) provider.Finding[provider.NameOrder] {
	out := provider.NameOrder{Said: c.said("by number", v.at)}
	for _, n := range t.Numbers {
		if ch := c.state.names.Latest(n, t.Since, v.at); ch != nil {
			out.Items = append(out.Items, c.nameItem(ch, v.at))
		}
	}
	return byNumbers(out, len(out.Items), len(t.Numbers), v)
}

// byNumbers is the verdict of a carrier that looks for requests by their numbers:
// one request changes all of them.
func byNumbers[T any](found T, changed, asked int, v view) provider.Finding[T] {
	switch {
	case asked == 0:
		return provider.Finding[T]{AsOf: v.at, Why: "this carrier finds requests by their numbers, and none were given"}
	case changed == 0:
		return provider.Finding[T]{Verdict: provider.Absent, AsOf: v.at}
	case changed < asked:
		return provider.Finding[T]{AsOf: v.at, Why: "something was asked for some of the numbers, and nothing for the others"}
	}
	return provider.FoundAs(found, v.at)
}

// readName shows what is held, as far as this carrier shows it.
func (c *Carrier) readName(n nanp.Number, v view) (provider.NameItem, error) {
	if !c.serves(provider.CapNames) && c.state.owned(n, v) == nil {
		return provider.NameItem{}, c.notOurs(provider.OpReadName, provider.NotFound, n)
	}
	it := provider.NameItem{Number: n, State: provider.NameNone, Name: c.state.names.Held(n, v.at)}
	last := provider.NameNone // what became of the last request
	if ch := c.state.names.Latest(n, time.Time{}, v.at); ch != nil {
		last = c.state.names.At(ch, v.at)
		if ch.Listed.IsZero() { // not saved: this is what shows it
			last = provider.NameNone
		}
	}
	waiting := last == provider.NameWaiting || last == provider.NameInReview
	switch {
	case c.cfg.NameProof == provider.NoProof:
		it.Name = ""
		if waiting || last == provider.NameListed {
			it.State = provider.NameWaiting
		}
	case c.cfg.NameProof == provider.ReadBack && it.Name != "":
		it.State = provider.NameReadBack
	case c.cfg.NameProof == provider.ReadBack:
	case waiting:
		it.State = last
	case it.Name != "":
		it.State = provider.NameListed
	}
	it.Said = c.said(nameWords[it.State], v.at)
	return it, nil
}

// lookupName answers from the databases that called parties' carriers ask.
func (c *Carrier) lookupName(n nanp.Number, v view) (provider.CallerName, error) {
	if err := n.CheckDID(); err != nil {
		e := c.fail(provider.OpLookupName, provider.NotFound, provider.NotApplied, "nobody can have this number")
		e.Number = n
		return provider.CallerName{}, e
	}
	out := provider.CallerName{Number: n, Said: c.said("found", v.at)}
	name, known := c.state.names.Shown(n, v.at)
	switch {
	case known && name != "":
		out.Name, out.Type = name, "business"
	case known || c.sells(n) || c.state.owned(n, v) != nil: // ours, or nobody's
	default:
		out.Name, out.Type = c.madeUpName(n)
	}
	if out.Name == "" {
		out.Said.Raw = "unavailable"
	}
	return out, nil
}

// madeUpName is that of somebody else's number: the same for ever, and for one in
// five none.
func (c *Carrier) madeUpName(n nanp.Number) (name, kind string) {
	h := mix(mix(c.cfg.Seed, saltMade), uint64(n))
	people := [...]string{"SMITH", "JOHNSON", "GARCIA", "NGUYEN", "O'BRIEN", "MILLER", "HAYES", "LOPEZ"}
	firms := [...]string{"DINER", "HARDWARE", "DENTAL", "REALTY", "AUTO BODY", "FLORIST", "PLUMBING", "BAKERY"}
	pick := h >> 8 % 8
	switch h % 5 {
	case 0:
		return "", ""
	case 1, 2:
		firm := [...]string{"ELM ST", "RIVER", "MAIN ST", "HILLTOP"}[h>>16%4] + " " + firms[pick]
		return firm[:min(len(firm), names.Max)], "business"
	}
	return people[pick] + " " + [...]string{"ANN", "BOB", "CARLA", "DEV"}[h>>16%4], "consumer"
}

// serves reports whether the capability also works for numbers of other carriers.
func (c *Carrier) serves(cap provider.Capability) bool { return slices.Contains(c.cfg.Foreign, cap) }

// blurName replaces the states in an answer about names.
func blurName(v any, raw provider.Raw) {
	item := func(it *provider.NameItem) { it.State, it.Err, it.Said.Raw = provider.NameUnclear, nil, raw }
	switch v := v.(type) {
	case *provider.NameItem:
		item(v)
	case *provider.NameOrder:
		v.Said.Raw = raw
		for i := range v.Items {
			item(&v.Items[i])
		}
	case *provider.Finding[provider.NameOrder]:
		if v.Verdict == provider.Found {
			blurName(&v.Value, raw)
		}
	}
}

func serveNames(mux *http.ServeMux, c *Carrier) {
	f := face{c}
	serve(mux, c, provider.OpSetName, f.SetName)
	serve(mux, c, provider.OpTrackName, f.TrackName)
	serve(mux, c, provider.OpReadName, numberly(f.ReadName))
	serve(mux, c, provider.OpLookupName, numberly(f.LookupName))
}

func (r remote) SetName(ctx context.Context, q provider.NameRequest) (provider.NameOrder, error) {
	return send[provider.NameOrder](ctx, r.c, provider.OpSetName, q)
}

func (r remote) TrackName(ctx context.Context, t provider.Trace) (provider.Finding[provider.NameOrder], error) {
	return send[provider.Finding[provider.NameOrder]](ctx, r.c, provider.OpTrackName, t)
}

func (r remote) ReadName(ctx context.Context, n nanp.Number) (provider.NameItem, error) {
	return send[provider.NameItem](ctx, r.c, provider.OpReadName, argsNumber{n})
}

func (r remote) LookupName(ctx context.Context, n nanp.Number) (provider.CallerName, error) {
	return send[provider.CallerName](ctx, r.c, provider.OpLookupName, argsNumber{n})
}
