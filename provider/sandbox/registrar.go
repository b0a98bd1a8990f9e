package sandbox

import (
	"fmt"
	"slices"

	"github.com/numberdesk/numberdesk/provider"
)

// completeNames checks what concerns names and registrations.
func (c *Config) completeNames() error {
	switch {
	case c.NameProof > provider.Status:
		return fmt.Errorf("sandbox: name proof %d is not known", uint8(c.NameProof))
	case c.NameSilent:
		c.NameProof = provider.NoProof
	case c.NameProof == provider.NoProof:
		c.NameProof = provider.Status
	}
	if c.Replace > provider.Atomic {
		return fmt.Errorf("sandbox: replace mode %d is not known", uint8(c.Replace))
	}
	for _, f := range c.Foreign {
		if f != provider.CapNames && f != provider.CapEmergency {
			return fmt.Errorf("sandbox: %.32q does not serve numbers of other carriers", string(f))
		}
	}
	c.Foreign = slices.Clone(c.Foreign)
	return nil
}

// registrarTraits says what names and registrations are like.
func (c *Carrier) registrarTraits(t *provider.Traits) {
	k := c.cfg.Keying
	t.Foreign = slices.Clone(c.cfg.Foreign)
	t.Replace, t.NameProof, t.NameTollFree = c.cfg.Replace, c.cfg.NameProof, c.cfg.NameTollFree
	t.Keyed[provider.CapNames], t.Keyed[provider.CapEmergency] = k, k
	if k != provider.ByThing { // a new device is no thing that could be asked for
		t.Keyed[provider.CapEndpoints] = k
	}
	named := nameMax
	if c.cfg.NameReview {
		named += reviewMax
	}
	t.Usual[provider.CapNames] = c.cfg.real(named)
	t.Usual[provider.CapEmergency], t.Usual[provider.CapEndpoints] = c.cfg.real(registerMax+registerLag), c.cfg.real(registerMax+registerLag)
	note := func(cap provider.Capability, when bool, reason string) {
		if when {
			t.Why[cap] = provider.Note{Can: true, Reason: reason}
		}
	}
	note(provider.CapNames, !c.cfg.NameTollFree, "A toll-free number has no caller name.")
	note(provider.CapNameLookup, true, "The names of other people's numbers are made up.")
	note(provider.CapAddresses, true, "An address is judged by its form alone: the registrar knows no streets.")
	note(provider.CapEmergency, c.cfg.Replace == provider.BreakFirst, "A registration has to end before the number can have another: there is a gap.")
}
