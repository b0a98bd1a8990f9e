package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/vanity"
)

// whatFor says what each capability is good for.
var whatFor = map[provider.Capability]string{
	provider.CapSearch:     "find numbers for sale",
	provider.CapPlaces:     "list the places that have some",
	provider.CapHolds:      "keep a number while a person decides",
	provider.CapOrders:     "buy numbers",
	provider.CapOrderClose: "end what is still open of an order",
	provider.CapOwned:      "read what is ours",
	provider.CapRouting:    "send the calls of a number somewhere",
	provider.CapReturn:     "give numbers back for good",
	provider.CapNames:      "set the caller name of our numbers",
	provider.CapNameLookup: "look up anybody's caller name",
	provider.CapLookup:     "look up who serves a number",
	provider.CapAddresses:  "check an address with the 911 registrar",
	provider.CapEmergency:  "register numbers for 911",
	provider.CapEndpoints:  "register devices that move for 911",
	provider.CapPortCheck:  "ask whether a number can be ported in",
	provider.CapPorts:      "port numbers in",
	provider.CapPortAmend:  "correct a port request",
	provider.CapPortDocs:   "hand in an LOA or a bill",
	provider.CapPortNotes:  "write with the porting desk",
	provider.CapPortOuts:   "answer carriers that ask for our numbers",
	provider.CapHooks:      "take messages from the carrier",
}

// carrier is one column.
type carrier struct {
	provider.Capabilities
	offered map[provider.Capability]bool
}

func write(w io.Writer, ps ...provider.Provider) error {
	out := &page{w: w}
	var cs []carrier
	for _, p := range ps {
		c := carrier{p.Capabilities(), map[provider.Capability]bool{}}
		for _, name := range c.Offered() {
			c.offered[name] = true
		}
		cs = append(cs, c)
	}
	out.line("# What each carrier can do")
	out.line("")
	out.line("Made by `go generate ./...` from `provider.Capabilities` and `provider.Traits` of each adapter: what the program decides by is what stands here.")
	out.line("An empty cell is not offered; the reasons are below. An asterisk marks a restriction that is also explained there.")
	out.line("")
	out.row("capability", "what for", names(cs))
	out.rule(2 + len(cs))
	for _, name := range provider.AllCapabilities() {
		var cells []string
		for _, c := range cs {
			cells = append(cells, cell(c, name))
		}
		out.row("`"+string(name)+"`", whatFor[name], cells)
	}
	limits(out, cs)
	for _, c := range cs {
		reasons(out, c)
	}
	return out.err
}

func cell(c carrier, name provider.Capability) string {
	_, noted := c.Traits.Why[name]
	switch {
	case c.offered[name] && noted:
		return "yes*"
	case c.offered[name]:
		return "yes"
	}
	return ""
}

func limits(out *page, cs []carrier) {
	out.line("")
	out.line("## Limits and ways")
	out.line("")
	out.row("", "", names(cs))
	out.rule(2 + len(cs))
	for _, l := range lines {
		var cells []string
		for _, c := range cs {
			cells = append(cells, l.of(c))
		}
		out.row(l.name, l.what, cells)
	}
}

// lines are the rows of the table of limits.
var lines = []struct {
	name, what string
	of         func(carrier) string
}{
	{"sells", "kinds of numbers", func(c carrier) string { return joined(c.Traits.Kinds, provider.NumberKind.String) }},
	{"digits, local", "what a search can be asked", func(c carrier) string { return dialect(c, provider.Local) }},
	{"digits, toll-free", "likewise", func(c carrier) string { return dialect(c, provider.TollFree) }},
	{"filters", "what it filters by itself", func(c carrier) string {
		return joined(c.Traits.Filters, func(f provider.Filter) string { return string(f) })
	}},
	{"page", "numbers in one answer", func(c carrier) string { return count(c.Traits.PageMax, "not known") }},
	{"prices", "shown by the search", func(c carrier) string { return yes(c.Traits.PricesInSearch) }},
	{"recent search", "needed before an order, at most this old", func(c carrier) string { return span(c.Traits.RecentSearch, "not needed") }},
	{"order", "numbers in one", func(c carrier) string { return count(c.Traits.OrderLines, "no limit known") }},
	{"partial orders", "some of the numbers can succeed", func(c carrier) string { return yes(c.Traits.PartialOrders) }},
	{"found again by", "what a lost answer is settled with", keyed},
	{"horizon", "after it nothing arrives late", func(c carrier) string { return span(c.Traits.Horizon, "never known") }},
	{"new 911 address", "how it takes the place of the old", func(c carrier) string {
		return when(c.offered[provider.CapEmergency], map[provider.ReplaceMode]string{provider.BreakFirst: "break first: a gap", provider.Atomic: "without a gap"}[c.Traits.Replace])
	}},
	{"caller name", "best evidence", func(c carrier) string {
		return when(c.offered[provider.CapNames], map[provider.Proof]string{provider.NoProof: "none", provider.ReadBack: "read back", provider.Status: "status"}[c.Traits.NameProof])
	}},
	{"caller name, toll-free", "possible", func(c carrier) string { return when(c.offered[provider.CapNames], yes(c.Traits.NameTollFree)) }},
	{"port request", "split by the carrier", func(c carrier) string { return when(c.offered[provider.CapPorts], yes(c.Traits.PortSplits)) }},
	{"LOA", "signature collected by the carrier", func(c carrier) string { return when(c.offered[provider.CapPorts], yes(c.Traits.SignsLOA)) }},
	{"for others' numbers", "also serves numbers of another carrier", func(c carrier) string {
		return joined(c.Traits.Foreign, func(f provider.Capability) string { return string(f) })
	}},
	{"rates", "calls a second (burst)", rates},
}

func reasons(out *page, c carrier) {
	if len(c.Traits.Why) == 0 {
		return
	}
	out.line("")
	out.line("## " + c.Traits.Name)
	out.line("")
	for _, name := range provider.AllCapabilities() {
		note, ok := c.Traits.Why[name]
		if !ok {
			continue
		}
		verdict := "not offered"
		if c.offered[name] {
			verdict = "offered"
		}
		link := ""
		if note.Link != "" {
			link = " [Source](" + note.Link + ")."
		}
		out.line(fmt.Sprintf("- `%s` (%s): %s%s", name, verdict, note.Reason, link))
	}
}

func names(cs []carrier) (out []string) {
	for _, c := range cs {
		out = append(out, c.Traits.Name)
	}
	return out
}

func dialect(c carrier, k provider.NumberKind) string {
	d, ok := c.Traits.Dialect[k]
	if !ok || !c.Traits.Sells(k) {
		return ""
	}
	var can []string
	for _, part := range []struct {
		on   bool
		name string
	}{{d.NPA, "NPA"}, {d.NXX, "NXX"}, {d.Prefix, "beginning"}, {d.Suffix, "end"}, {d.Contains, "anywhere"}, {d.Tail, "in the last seven"}, {d.Mask, "any place"}} {
		if part.on {
			can = append(can, part.name)
		}
	}
	if d == (vanity.Dialect{}) {
		return "nothing"
	}
	text := strings.Join(can, ", ")
	if d.MinFixed > 0 {
		text += fmt.Sprintf("; %d digits or more", d.MinFixed)
	}
	if d.MaxFixed > 0 {
		text += fmt.Sprintf("; at most %d digits", d.MaxFixed)
	}
	if d.OneFixed {
		text += "; one of them"
	}
	if d.NeedNPA {
		text += "; always with an NPA"
	}
	if d.Alone {
		text += "; not with an NPA"
	}
	return text
}

func keyed(c carrier) string {
	words := map[provider.Keying]string{provider.ByNothing: "nothing", provider.ByThing: "the thing", provider.ByKey: "the key", provider.Once: "the key, applied once"}
	by := map[provider.Keying][]string{}
	for name, k := range c.Traits.Keyed {
		if c.offered[name] {
			by[k] = append(by[k], string(name))
		}
	}
	var out []string
	for _, k := range []provider.Keying{provider.Once, provider.ByKey, provider.ByThing, provider.ByNothing} {
		if len(by[k]) > 0 {
			slices.Sort(by[k])
			out = append(out, words[k]+": "+strings.Join(by[k], ", "))
		}
	}
	return strings.Join(out, "; ")
}

func rates(c carrier) string {
	var out []string
	for class, l := range c.Traits.Rates {
		out = append(out, fmt.Sprintf("%s %.3g (%d)", class, l.PerSecond, l.Burst))
	}
	slices.Sort(out)
	return strings.Join(out, ", ")
}

func joined[T cmp.Ordered](vs []T, text func(T) string) string {
	var out []string
	for _, v := range vs {
		out = append(out, text(v))
	}
	return strings.Join(out, ", ")
}

func count(n int, none string) string {
	if n == 0 {
		return none
	}
	return fmt.Sprint(n)
}

func span(d time.Duration, none string) string {
	if d == 0 {
		return none
	}
	text := d.String() // 1h0m0s, 10m0s
	for _, zero := range []struct{ after, unit string }{{"m", "0s"}, {"h", "0m"}} {
		if rest, ok := strings.CutSuffix(text, zero.unit); ok && strings.HasSuffix(rest, zero.after) {
			text = rest
		}
	}
	return text
}

func yes(b bool) string { return when(b, "yes") }

func when(b bool, text string) string {
	if b {
		return text
	}
	return ""
}

// page writes Markdown and remembers the first error.
type page struct {
	w   io.Writer
	err error
}

func (p *page) line(s string) {
	if p.err == nil {
		_, p.err = fmt.Fprintln(p.w, s)
	}
}

func (p *page) row(a, b string, cells []string) {
	p.line("| " + strings.Join(append([]string{a, b}, cells...), " | ") + " |")
}

func (p *page) rule(n int) { p.line("|" + strings.Repeat("---|", n)) }
