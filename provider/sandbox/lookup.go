package sandbox

import (
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
	if n.TollFree() {
		info.Line, info.RespOrg = provider.LineTollFree, "SBX01"
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
	if c.state.owned(n, v) != nil {
		info.SPID, info.OCN, info.Carrier, info.Line, info.Ported = "SBX1", "SBX1", "Sandbox", provider.LineVoIP, provider.No
	}
	if lrn, err := nanp.Make(n.NPA(), n.NXX(), int(mixText(saltLine, info.SPID)%10_000)); err == nil {
		info.LRN = lrn
	}
	return info, nil
}
