package twilio

import (
	"maps"
	"time"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/vanity"
)

var (
	_ provider.Searcher       = (*account)(nil)
	_ provider.Orderer        = (*account)(nil)
	_ provider.Owner          = (*account)(nil)
	_ provider.Router         = (*account)(nil)
	_ provider.Returner       = (*account)(nil)
	_ provider.Namer          = (*account)(nil)
	_ provider.NameLookuper   = (*account)(nil)
	_ provider.NumberLookuper = (*account)(nil)
	_ provider.AddressChecker = (*account)(nil)
	_ provider.Registrar      = (*account)(nil)
	_ provider.PortChecker    = (*account)(nil)
	_ provider.Porter         = (*account)(nil)
	_ provider.PortDocumenter = (*account)(nil)
	_ provider.Hooker         = (*account)(nil)
)

// Capabilities says what Twilio offers to this account.
func (c *Carrier) Capabilities() provider.Capabilities {
	a := c.a
	return provider.Capabilities{
		Search: a, Orders: a, Owned: a, Routing: a, Return: a,
		Names: a, NameLookup: a, Lookup: a,
		Addresses: a, Emergency: a,
		PortCheck: a, Ports: a, PortDocs: a,
		Hooks:  a,
		Traits: a.traits(),
	}
}

const docs = "https://www.twilio.com/docs/"

// why says in words what Twilio does not do, and what it does with a restriction.
var why = map[provider.Capability]provider.Note{
	provider.CapPlaces:     {Reason: "Twilio has no list of the places where it has numbers: ask its search for a state or a city.", Link: docs + "phone-numbers/api/availablephonenumber-resource"},
	provider.CapHolds:      {Reason: "Twilio holds no numbers: one is bought or it is not."},
	provider.CapOrderClose: {Reason: "A purchase is done when Twilio answers: nothing of it stays open that could be closed."},
	provider.CapEndpoints:  {Reason: "Twilio registers one fixed address for each number: it has no locations of devices that move.", Link: docs + "voice/sip/api/emergency-calling-api"},
	provider.CapPortAmend:  {Reason: "A port request at Twilio cannot be changed: cancel it and open another, or ask Twilio's support.", Link: docs + "phone-numbers/port-in"},
	provider.CapPortNotes:  {Reason: "Twilio's porting API has no messages about a request: they go through its support."},
	provider.CapPortOuts:   {Reason: "Twilio does not let its customers answer requests of other carriers through an API; a port away shows by the number being gone."},

	provider.CapSearch:     {Can: true, Reason: "The search is not paged and returns a selection; a rate center is asked for only with the option InLata; prices are read from the account's price list each hour."},
	provider.CapOrders:     {Can: true, Reason: "One number at a time. A number that the account has already is refused, because ordering it again would overwrite its settings.", Link: docs + "phone-numbers/api/incomingphonenumber-resource"},
	provider.CapOwned:      {Can: true, Reason: "Numbers of other countries that the account has are left out."},
	provider.CapRouting:    {Can: true, Reason: "A trunk (TK...), an application (AP...) or an https URL. A number that is in a trunk or an application is not pointed at a URL: Twilio would not call it."},
	provider.CapReturn:     {Can: true, Reason: "The number is gone at once and may be sold to another."},
	provider.CapNames:      {Can: true, Reason: "Local numbers of the United States only, for an approved customer profile, after a review by Twilio that takes days. The numbers are assigned when the name is looked at after the review (TrackName).", Link: docs + "voice/brand-your-calls-using-cnam"},
	provider.CapNameLookup: {Can: true, Reason: "Numbers of the United States only; each question costs money.", Link: docs + "lookup/v2-api/caller-name"},
	provider.CapLookup:     {Can: true, Reason: "Kind of line and carrier only; each question costs money; Canadian numbers need a permission.", Link: docs + "lookup/v2-api/line-type-intelligence"},
	provider.CapAddresses:  {Can: true, Reason: "Twilio validates only while it creates: the address is created and deleted again. If the deletion fails, one called \"Address check\" stays in the account, without effect.", Link: docs + "usage/api/address"},
	provider.CapEmergency:  {Can: true, Reason: "An address that the registrar would alter is not registered but comes back as a check. To change an address the old one is detached and has to be gone first: in between the number has none, and a 911 call costs extra.", Link: docs + "voice/sip/api/emergency-calling-api"},
	provider.CapPortCheck:  {Can: true, Reason: "One number at a time. Toll-free and Canadian numbers are answered as not portable: they are ported by hand only. A public beta.", Link: docs + "phone-numbers/port-in"},
	provider.CapPorts:      {Can: true, Reason: "Local and mobile numbers of the United States only, submitted at once, changed by nobody but Twilio's support. A public beta.", Link: docs + "phone-numbers/port-in"},
	provider.CapPortDocs:   {Can: true, Reason: "A bill (invoice) only, up to 10 MB: Twilio writes the letter of authorization and has it signed by mail."},
	provider.CapHooks:      {Can: true, Reason: "Messages about ports and about the review of caller names only. They carry no time: an old one can come again.", Link: docs + "usage/security"},
}

func (a *account) traits() provider.Traits {
	kinds := []provider.NumberKind{provider.Local, provider.TollFree}
	t := provider.Traits{
		Name:           "Twilio",
		Why:            maps.Clone(why),
		Kinds:          kinds,
		Dialect:        map[provider.NumberKind]vanity.Dialect{},
		Filters:        []provider.Filter{provider.ByState, provider.ByCity, provider.ByExact},
		PageMax:        pageMax,
		PricesInSearch: true,
		OrderLines:     1,
		Keyed: map[provider.Capability]provider.Keying{
			provider.CapOrders: provider.ByThing, provider.CapReturn: provider.ByThing, provider.CapRouting: provider.ByThing,
			provider.CapNames: provider.ByKey, provider.CapEmergency: provider.ByKey, provider.CapPorts: provider.ByThing,
		},
		Horizon: a.cfg.Horizon,
		// Twilio states none of these: they are guesses by which something is late.
		Usual: map[provider.Capability]time.Duration{
			provider.CapOrders: 0, provider.CapReturn: 0,
			provider.CapEmergency: 15 * time.Minute,
			provider.CapNames:     5 * 24 * time.Hour,
			provider.CapPorts:     30 * 24 * time.Hour,
		},
		Replace:   provider.BreakFirst,
		NameProof: provider.Status,
		SignsLOA:  true,
		Rates:     maps.Clone(a.cfg.Rates),
	}
	for _, k := range kinds {
		t.Dialect[k] = dialect
	}
	return t
}
