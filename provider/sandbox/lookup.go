package sandbox

import (
	"fmt"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// lookup makes up what the numbering databases would say. Only the place of an
// exchange in the stock is true; the same number always has the same answer, but
// for becoming ours.
func (c *Carrier) lookup(n nanp.Number, v view) (provider.NumberInfo, error) {
	if err := n.CheckDID(); err != nil {
		e := c.fail(provider.OpLookupNumber, provider.NotFound, provider.NotApplied, "nobody can have this number")
		e.Number = n
		return provider.NumberInfo{}, e
	}
	info := provider.NumberInfo{Number: n, State: n.State(), Said: c.said("found", v.at)}
	h := mix(mix(c.cfg.Seed, saltLine), uint64(n))
	others := [...]struct {
		spid, name string
		line       provider.LineType
	}{
		{"SBL1", "Sandbox Local Exchange", provider.LineLandline},
		{"SBW1", "Sandbox Wireless", provider.LineWireless},
		{"SBV1", "Sandbox Voice", provider.LineVoIP},
	}
	ours, lost := c.state.owned(n, v), c.state.leftTo(n, v.at)
	if n.TollFree() {
		info.Line, info.RespOrg = provider.LineTollFree, [...]string{"SBR01", "SBR02"}[h%2]
		switch {
		case ours != nil:
			info.RespOrg = "SBX01"
		case lost != nil:
			info.RespOrg = spidOf(lost.out.To) + "0"
		}
		return info, nil
	}
	if p, ok := c.place(n); ok {
		info.State, info.City = p.State, p.City
	}
	o := others[h%3]
	info.SPID, info.OCN, info.Carrier, info.Line = o.spid, o.spid, o.name, o.line
	info.Ported = provider.No
	if h>>8%5 == 0 {
		info.Ported = provider.Yes
	}
	switch {
	case ours != nil:
		info.SPID, info.OCN, info.Carrier, info.Line, info.Ported = "SBX1", "SBX1", "Sandbox", provider.LineVoIP, provider.No
		if ours.order.op == provider.OpOpenPort {
			info.Ported, info.PortedOn = provider.Yes, ours.Assigned
		}
	case lost != nil:
		info.SPID, info.OCN, info.Carrier, info.Line = spidOf(lost.out.To), spidOf(lost.out.To), lost.out.To, provider.LineVoIP
		info.Ported, info.PortedOn = provider.Yes, lost.left
	}
	if lrn, err := nanp.Make(n.NPA(), n.NXX(), int(mixText(saltLine, info.SPID)%10_000)); err == nil {
		info.LRN = lrn
	}
	return info, nil
}

// spidOf makes up the code of a carrier that took a number away.
func spidOf(carrier string) string { return fmt.Sprintf("SB%02X", mixText(saltLine, carrier)>>56) }
