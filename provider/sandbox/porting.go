package sandbox

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox/internal/porting"
	"github.com/numberdesk/numberdesk/secret"
)

// portWords are this carrier's own names of the states of a port.
var portWords = map[provider.PortState]provider.Raw{
	provider.PortDraft:          "drafted",
	provider.PortChecking:       "in-review",
	provider.PortNeedsDocument:  "papers-missing",
	provider.PortNeedsSignature: "unsigned",
	provider.PortSubmitted:      "sent",
	provider.PortAcknowledged:   "received",
	provider.PortRejected:       "refused",
	provider.PortFOC:            "date-set",
	provider.PortActivating:     "cutting-over",
	provider.PortDone:           "ported",
	provider.PortCancelAsked:    "withdrawing",
	provider.PortCancelled:      "withdrawn",
}

const (
	portable   = 0.9                 // of all numbers, about
	longestFOC = 30 * 24 * time.Hour // how far out a wished date is granted
	portMax    = longestFOC + 48*time.Hour
	focClock   = 11*time.Hour + 30*time.Minute // local time at which numbers are cut over
)

// stays says why a number cannot be ported whoever asks; "" when it can.
func (c *Carrier) stays(n nanp.Number) string {
	h := mix(mix(c.cfg.Seed, saltPortable), uint64(n))
	if unit(h) < portable {
		return ""
	}
	return [...]string{
		"this carrier has no coverage in the rate center",
		"the carrier that has the number does not let it go",
		"the number is not in service",
	}[mix(h, 0)%3]
}

// checkPort answers for each number by itself. The caller holds mu.
func (c *Carrier) checkPort(ns []nanp.Number, v view) ([]provider.PortCheck, error) {
	out := make([]provider.PortCheck, 0, len(ns))
	for _, n := range ns {
		p := provider.PortCheck{Number: n, Said: c.said("not portable", v.at)}
		info, err := c.lookup(n, v)
		switch {
		case err != nil:
			p.Reason = "nobody can have this number"
		case c.state.owned(n, v) != nil:
			p.Reason = "the number is in this account already"
		case c.state.busy(n, v):
			p.Reason = "the number is being bought or ported already"
		default:
			p.Reason = c.stays(n)
		}
		p.Losing, p.SPID, p.Line = cmp.Or(info.Carrier, info.RespOrg), info.SPID, info.Line
		if p.Portable = p.Reason == ""; p.Portable {
			p.NeedsPIN, p.Fast, p.Said.Raw = info.Line == provider.LineWireless, info.Line == provider.LineVoIP, "portable"
		}
		out = append(out, p)
	}
	return out, nil
}

// openPort books one order for each losing carrier and kind, or nothing. The
// caller of this and of the methods below holds mu for writing.
func (c *Carrier) openPort(r provider.PortRequest, cl call) ([]provider.PortOrder, error) {
	known := c.state.ports.ByKey(r.Key)
	if c.cfg.Keying == provider.Once && len(known) > 0 {
		var ns []nanp.Number
		for _, o := range known {
			ns = append(ns, numbersOf(o)...)
		}
		if !sameNumbers(ns, r.Lines) {
			return nil, c.fail(cl.op, provider.Conflict, provider.NotApplied, "this key was used for a port of other numbers")
		}
		if err := c.overtake(cl, known[0].Opened(), r.Key, known[0].Group); err != nil {
			return nil, err
		}
		return c.portsAt(known, cl.at), nil
	}
	e := entry{
		Op: cl.op, At: cl.at, Key: r.Key, Attempt: cl.attempt, Fault: cl.fault,
		Ref: provider.Ref(c.ref("pg", string(r.Key), len(known))), Port: &porting.Entry{},
	}
	for _, l := range r.Lines {
		e.Numbers = append(e.Numbers, l.Number)
	}
	parts, err := c.splitPort(r, cl)
	if err != nil {
		return nil, err
	}
	for i, x := range parts {
		x.Group = e.Ref
		x.Ref = provider.Ref(c.ref("po", fmt.Sprintf("%s/%d", r.Key, i), len(known)))
		if i > 0 {
			x.From = e.Port.Orders[0].Ref
		}
		ns := numbersIn(x.Lines)
		if x.Facts, err = c.facts(r, ns, nil, cl); err != nil {
			return nil, err
		}
		if c.cfg.PortAtOnce {
			x.Pace = c.pace(x.Facts, x.Ref, r.Key, cl.at)
		}
		e.Port.Orders = append(e.Port.Orders, x)
	}
	if err := c.commit(e); err != nil {
		return nil, c.broken(cl.op, err)
	}
	return c.portsAt(c.state.ports.ByGroup(e.Ref), cl.at), nil
}

// splitPort sorts the numbers by losing carrier and kind. One that cannot be
// ported refuses the whole request.
func (c *Carrier) splitPort(r provider.PortRequest, cl call) (parts []porting.Opening, err error) {
	now := view{at: cl.now}
	for _, l := range r.Lines {
		n := l.Number
		refuse := func(k provider.Kind, text string) error {
			e := c.fail(cl.op, k, provider.NotApplied, text)
			e.Number = n
			return e
		}
		info, err := c.lookup(n, now)
		switch {
		case err != nil:
			return nil, refuse(provider.Invalid, "nobody can have this number")
		case c.state.owned(n, now) != nil:
			return nil, refuse(provider.Conflict, "the number is in this account already")
		case c.state.busy(n, now):
			return nil, refuse(provider.Conflict, "the number is being bought or ported already")
		case c.stays(n) != "":
			return nil, refuse(provider.Invalid, c.stays(n))
		}
		kind := provider.Local
		if n.TollFree() {
			kind = provider.TollFree
		}
		losing := cmp.Or(info.Carrier, info.RespOrg)
		at := slices.IndexFunc(parts, func(p porting.Opening) bool { return p.Losing == losing && p.Kind == kind })
		if at < 0 {
			if at = len(parts); at > 0 && c.cfg.PortWhole {
				return nil, refuse(provider.Invalid, "the numbers of one port must be of one losing carrier and one kind")
			}
			parts = append(parts, porting.Opening{Losing: losing, Kind: kind})
		}
		owned := provider.Ref(c.ref("sn", n.String()+string(r.Key), len(c.state.bought[n])))
		parts[at].Lines = append(parts[at].Lines, porting.Line{Number: n, Owned: owned})
	}
	return parts, nil
}

// facts compares a request with what the losing carrier holds, and keeps nothing
// of it but what is wrong. before is what an amended order had.
func (c *Carrier) facts(r provider.PortRequest, ns []nanp.Number, before *porting.Facts, cl call) (porting.Facts, error) {
	f := porting.Facts{Signs: c.cfg.SignsLOA, Asked: !r.Email.IsZero(), Requested: r.Desired, Zone: r.Zone}
	if before != nil {
		f.LOA, f.Documents = before.LOA, slices.Clone(before.Documents)
		if r.Desired == (provider.Date{}) {
			f.Requested, f.Zone = before.Requested, before.Zone
		}
	}
	for _, ref := range r.Documents {
		d, ok := c.state.ports.Document(ref, cl.at)
		if !ok {
			return f, c.invalid(cl.op, field("documents", "known", "hold one that is not here, or not any more"))
		}
		f.LOA = f.LOA || d.Kind == "loa"
		if !slices.Contains(f.Documents, ref) {
			f.Documents = append(f.Documents, ref)
		}
	}
	wrong := func(code string, n nanp.Number) { f.Wrong = append(f.Wrong, porting.Wrong{Code: code, Number: n}) }
	account, pin := c.losing(ns[0], cl.now)
	if given := r.Account; !given.Equal(secret.New(account)) && (pin != "" || !given.IsZero()) {
		wrong(porting.WrongAccount, 0)
	}
	if r.Authorized.IsZero() {
		wrong(porting.WrongSigner, 0)
	}
	if r.Service.IsZero() {
		wrong(porting.WrongAddress, 0)
	}
	if r.Partial && slices.Contains(ns, r.BTN) && !r.NewBTN.Valid() {
		wrong(porting.WrongBTN, 0)
	}
	if before != nil && len(r.Lines) == 0 {
		for _, w := range before.Wrong {
			if w.Code == porting.WrongPIN {
				f.Wrong = append(f.Wrong, w)
			}
		}
	}
	for _, l := range r.Lines {
		if _, pin := c.losing(l.Number, cl.now); pin != "" && slices.Contains(ns, l.Number) && !l.PIN.Equal(secret.New(pin)) {
			wrong(porting.WrongPIN, l.Number)
		}
	}
	return f, nil
}

// pace rolls how long each step of a submitted order takes. It goes by the
// calendar from the instant of the submission, and is then brought to speed.
func (c *Carrier) pace(f porting.Facts, r provider.Ref, k provider.Key, at time.Time) *porting.Pace {
	h := mixText(mixText(mix(c.cfg.Seed, saltPort), string(r)), string(k))
	roll := func() uint64 { h = mix(h, saltPort); return h }
	zone, err := time.LoadLocation(f.Zone)
	if err != nil { // the request was checked; another machine knows fewer zones
		zone = time.UTC
	}
	p := porting.Pace{Checked: between(roll(), 2*time.Minute, 10*time.Minute)}
	start := at.In(zone)
	sent := start.Add(p.Checked)
	if f.Signs {
		p.Signed = p.Checked + between(roll(), time.Hour, 24*time.Hour)
		sent = start.Add(p.Signed)
	}
	acknowledged := porting.AddBusinessDays(sent, 1+int(roll()%3))
	decided := acknowledged.Add(between(roll(), time.Hour, 8*time.Hour))
	day := focDay(decided, roll(), f.Requested, start.Add(longestFOC))
	foc := day.Add(focClock)
	p.Acknowledged, p.Decided = acknowledged.Sub(start), decided.Sub(start)
	p.Day, p.FOC, p.Done = day.Sub(start), foc.Sub(start), foc.Sub(start)+between(roll(), 10*time.Minute, 90*time.Minute)
	return p.Scaled(c.cfg.real)
}

// focDay is the business day of the firm date: the one that was wished for if it
// is at least three days out, else one from 3 to 10 days out.
func focDay(given time.Time, h uint64, wished provider.Date, latest time.Time) time.Time {
	days := func(n int) time.Time {
		y, m, d := given.Date()
		return time.Date(y, m, d+n, 0, 0, 0, 0, given.Location())
	}
	if wished != (provider.Date{}) {
		day := time.Date(wished.Year, wished.Month, wished.Day, 0, 0, 0, 0, given.Location())
		if porting.BusinessDay(day) && !day.Before(days(3)) && !day.After(latest) {
			return day
		}
	}
	n := int(h % 8)
	for !porting.BusinessDay(days(3 + n)) {
		n = (n + 1) % 8
	}
	return days(3 + n)
}

// portOrder looks for the order that a call is about.
func (c *Carrier) portOrder(r provider.Ref, cl call) (*porting.Order, error) {
	if o := c.state.ports.Order(r, cl.now); o != nil {
		return o, nil
	}
	return nil, c.fail(cl.op, provider.NotFound, provider.NotApplied, "there is no port order with this reference")
}

// bookPort commits an entry about one order, and answers as things then stand.
func (c *Carrier) bookPort(o *porting.Order, k provider.Key, cl call, p porting.Entry) (provider.PortOrder, error) {
	e := entry{Op: cl.op, At: cl.at, Key: k, Ref: o.Ref, Attempt: cl.attempt, Fault: cl.fault, Port: &p}
	if err := c.commit(e); err != nil {
		return provider.PortOrder{}, c.broken(cl.op, err)
	}
	return c.portAt(o, cl.at), nil
}

// booked reports whether this operation has been booked with this key for this
// order. What is still on its way has arrived with this call.
func (c *Carrier) booked(r provider.Ref, k provider.Key, cl call) (*porting.Entry, error) {
	e := c.state.ports.Known(cl.op, k)
	switch {
	case e == nil || c.cfg.Keying != provider.Once:
		return nil, nil
	case e.Ref != r:
		return nil, c.fail(cl.op, provider.Conflict, provider.NotApplied, "this key was used for something else")
	}
	return e, c.overtake(cl, e.At, k, r)
}

func (c *Carrier) submitPort(k provider.Key, r provider.Ref, cl call) (provider.PortOrder, error) {
	o, err := c.portOrder(r, cl)
	if err != nil {
		return provider.PortOrder{}, err
	}
	if e, err := c.booked(r, k, cl); e != nil || err != nil {
		return c.portAt(o, cl.at), err
	}
	if now := o.Stand(cl.at); now.State == provider.PortDraft {
		return c.bookPort(o, k, cl, porting.Entry{Pace: c.pace(*now.Facts, o.Ref, k, cl.at)})
	}
	return c.portAt(o, cl.at), nil
}

func (c *Carrier) amendPort(k provider.Key, r provider.Ref, v provider.PortRequest, cl call) (provider.PortOrder, error) {
	o, err := c.portOrder(r, cl)
	if err != nil {
		return provider.PortOrder{}, err
	}
	if len(v.Lines) > 0 && !sameNumbers(numbersOf(o), v.Lines) {
		return provider.PortOrder{}, c.invalid(cl.op, field("lines", "numbers", "are not those of the order; leave them out, or cancel single numbers"))
	}
	if e, err := c.booked(r, k, cl); e != nil || err != nil {
		return c.portAt(o, cl.at), err
	}
	now := o.Stand(cl.at)
	if !porting.Amendable(now.State) {
		return provider.PortOrder{}, c.fail(cl.op, provider.Conflict, provider.NotApplied, "an order that is "+now.State.String()+" is not amended")
	}
	f, err := c.facts(v, numbersOf(o), now.Facts, cl)
	if err != nil {
		return provider.PortOrder{}, err
	}
	return c.bookPort(o, k, cl, porting.Entry{Facts: &f, Pace: c.pace(f, o.Ref, k, cl.at)})
}

func (c *Carrier) cancelPort(k provider.Key, r provider.Ref, only []nanp.Number, cl call) (provider.PortOrder, error) {
	o, err := c.portOrder(r, cl)
	if err != nil {
		return provider.PortOrder{}, err
	}
	for _, n := range only {
		if !o.Has(n) {
			e := c.fail(cl.op, provider.Invalid, provider.NotApplied, "the number is not in this order")
			e.Number = n
			return provider.PortOrder{}, e
		}
	}
	if e, err := c.booked(r, k, cl); e != nil || err != nil {
		return c.portAt(o, cl.at), err
	}
	now := o.Stand(cl.at)
	open := slices.DeleteFunc(slices.Clone(orAll(only, o)), func(n nanp.Number) bool {
		s := o.ItemStand(n, cl.at).State
		return s == provider.PortCancelAsked || s == provider.PortCancelled
	})
	switch {
	case len(open) == 0:
		return c.portAt(o, cl.at), nil
	case !now.Cancellable(cl.at):
		return provider.PortOrder{}, c.fail(cl.op, provider.Conflict, provider.NotApplied, "the day of the port has begun: it cannot be cancelled any more")
	case len(only) == 0:
		open = nil
	}
	h := mixText(mixText(mix(c.cfg.Seed, saltPort), string(o.Ref)), string(k))
	p := porting.Pace{Cancelled: between(h, time.Hour, 24*time.Hour)}
	return c.bookPort(o, k, cl, porting.Entry{Numbers: open, Pace: p.Scaled(c.cfg.real)})
}

// orAll is the numbers that are named, or else all of the order.
func orAll(only []nanp.Number, o *porting.Order) []nanp.Number {
	if len(only) > 0 {
		return only
	}
	return numbersOf(o)
}

// trackPort looks for the orders of a request. The caller holds mu for reading.
func (c *Carrier) trackPort(t provider.Trace, v view) provider.Finding[[]provider.PortOrder] {
	var found []*porting.Order
	byKey := c.cfg.Keying >= provider.ByKey && t.Key != ""
	switch {
	case c.cfg.Keying == provider.ByNothing && t.Ref == "":
		return provider.Finding[[]provider.PortOrder]{AsOf: v.at, Why: "this carrier keeps nothing by which a port could be found again"}
	case byKey || t.Ref != "":
		if byKey {
			found = append(found, c.state.ports.ByKey(t.Key)...)
		}
		if len(found) == 0 && t.Ref != "" {
			found = append(found, c.state.ports.ByGroup(t.Ref)...)
			if o := c.state.ports.Order(t.Ref, v.at); o != nil {
				found = append(found, o)
			}
		}
	case len(t.Numbers) > 0:
		for _, n := range t.Numbers {
			if o := c.state.ports.Latest(n, t.Since, v.at); o != nil && !slices.Contains(found, o) {
				found = append(found, o)
			}
		}
	default:
		return provider.Finding[[]provider.PortOrder]{AsOf: v.at, Why: "this carrier finds ports by their numbers, and none were given"}
	}
	found = slices.DeleteFunc(found, func(o *porting.Order) bool { return o.Opened().After(v.at) })
	if len(found) == 0 {
		return provider.Finding[[]provider.PortOrder]{Verdict: provider.Absent, AsOf: v.at}
	}
	return provider.FoundAs(c.portsAt(found, v.at), v.at)
}

func (c *Carrier) portsAt(os []*porting.Order, t time.Time) []provider.PortOrder {
	out := make([]provider.PortOrder, 0, len(os))
	for _, o := range os {
		out = append(out, c.portAt(o, t))
	}
	return out
}

// portAt is what the carrier says about an order at t.
func (c *Carrier) portAt(o *porting.Order, t time.Time) provider.PortOrder {
	s := o.Stand(t)
	out := provider.PortOrder{
		Ref: o.Ref, Group: o.Group, From: o.From, State: s.State, Said: c.said(portWords[s.State], t),
		FOC: s.FOC, Reasons: s.ReasonsFor(0), Needs: s.Needs(),
	}
	if s.Facts != nil {
		out.Requested = s.Facts.Requested
	}
	if c.cfg.Keying >= provider.ByKey {
		out.Key = o.Key
	}
	for _, l := range o.Lines {
		is := o.ItemStand(l.Number, t)
		out.Items = append(out.Items, provider.PortItem{
			Number: l.Number, State: is.State, Said: provider.Said{By: c.cfg.ID, Raw: portWords[is.State], At: t},
			FOC: is.FOC, Reasons: is.ReasonsFor(l.Number),
		})
	}
	return out
}

func numbersOf(o *porting.Order) []nanp.Number { return numbersIn(o.Lines) }

func numbersIn(ls []porting.Line) []nanp.Number {
	out := make([]nanp.Number, len(ls))
	for i, l := range ls {
		out[i] = l.Number
	}
	return out
}

func sameNumbers(ns []nanp.Number, ls []provider.PortLine) bool {
	return len(ns) == len(ls) && !slices.ContainsFunc(ls, func(l provider.PortLine) bool { return !slices.Contains(ns, l.Number) })
}

// portNotes says what is made up about ports.
func (c *Carrier) portNotes(why map[provider.Capability]provider.Note) {
	for cap, reason := range map[provider.Capability]string{
		provider.CapPortCheck: "The answers are made up: of ten numbers about nine can be ported.",
		provider.CapPorts:     "The losing carriers are made up; they compare account numbers and PINs with what Carrier.LosingAccount tells.",
		provider.CapPortDocs:  "Only the sums of documents are kept; nobody reads them.",
		provider.CapPortNotes: "The text of comments is kept in memory only, and reads [redacted] after a restart.",
		provider.CapPortOuts:  "Other carriers ask for numbers when Carrier.AskPortOut says so.",
	} {
		why[cap] = provider.Note{Can: true, Reason: reason}
	}
	if c.cfg.HookKey.IsZero() {
		why[provider.CapHooks] = provider.Note{Can: true, Reason: "Without Config.HookKey no message is sent, and none is believed."}
	}
}
