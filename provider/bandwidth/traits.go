package bandwidth

import (
	"maps"
	"time"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/vanity"
)

var (
	_ provider.Provider       = (*Carrier)(nil)
	_ provider.Searcher       = (*Carrier)(nil)
	_ provider.Gazetteer      = (*Carrier)(nil)
	_ provider.Holder         = (*Carrier)(nil)
	_ provider.Orderer        = (*Carrier)(nil)
	_ provider.OrderCloser    = (*Carrier)(nil)
	_ provider.Owner          = (*Carrier)(nil)
	_ provider.Returner       = (*Carrier)(nil)
	_ provider.Namer          = (*Carrier)(nil)
	_ provider.AddressChecker = (*Carrier)(nil)
	_ provider.Registrar      = (*Carrier)(nil)
	_ provider.EndpointKeeper = (*Carrier)(nil)
	_ provider.PortChecker    = (*Carrier)(nil)
	_ provider.Porter         = (*Carrier)(nil)
	_ provider.PortAmender    = (*Carrier)(nil)
	_ provider.PortDocumenter = (*Carrier)(nil)
	_ provider.PortCommenter  = (*Carrier)(nil)
	_ provider.PortOuter      = (*Carrier)(nil)
	_ provider.Hooker         = (*Carrier)(nil)
)

// Capabilities says what the carrier offers.
func (c *Carrier) Capabilities() provider.Capabilities {
	return provider.Capabilities{
		Search: c, Places: c, Holds: c, Orders: c, OrderClose: c, Owned: c, Return: c, Names: c, Addresses: c, Emergency: c, Endpoints: c,
		PortCheck: c, Ports: c, PortAmend: c, PortDocs: c, PortNotes: c, PortOuts: c, Hooks: c,
		Traits: c.traits(),
	}
}

func (c *Carrier) traits() provider.Traits {
	return provider.Traits{
		Name:  "Bandwidth",
		Why:   maps.Clone(notes),
		Kinds: []provider.NumberKind{provider.Local, provider.TollFree},
		Dialect: map[provider.NumberKind]vanity.Dialect{
			provider.Local: localDialect, provider.TollFree: tollFreeDialect,
		},
		Filters: []provider.Filter{provider.ByState, provider.ByCity, provider.ByRateCenter, provider.ByExact},
		PageMax: pageMax, OrderLines: orderLines, PartialOrders: true,
		Keyed: map[provider.Capability]provider.Keying{
			provider.CapOrders: provider.ByKey, provider.CapOrderClose: provider.ByThing, provider.CapHolds: provider.ByNothing,
			provider.CapReturn: provider.ByThing, provider.CapNames: provider.ByThing, provider.CapEmergency: provider.ByKey,
			provider.CapEndpoints: provider.ByKey, provider.CapPorts: provider.ByKey, provider.CapPortAmend: provider.ByThing,
		},
		Horizon: c.cfg.Horizon,
		Usual: map[provider.Capability]time.Duration{
			provider.CapOrders: 5 * time.Minute, provider.CapReturn: 5 * time.Minute, provider.CapNames: 3 * 24 * time.Hour,
			provider.CapEmergency: 15 * time.Minute, provider.CapEndpoints: 15 * time.Minute, provider.CapPorts: 30 * 24 * time.Hour,
		},
		Replace: provider.Atomic, NameProof: provider.Status,
		Rates: maps.Clone(c.cfg.Rates),
	}
}

const docs = "https://dev.bandwidth.com/docs/"

// notes say why something cannot be done, and what is worth knowing of what can.
var notes = map[provider.Capability]provider.Note{
	provider.CapSearch: {Can: true, Link: docs + "numbers/guides/searchingForNumbers",
		Reason: "A search is one sample of up to 5,000 numbers: no second page, no prices, no digit masks. Toll-free numbers are found by area code or by all seven digits."},
	provider.CapHolds: {Can: true,
		Reason: "One number a call, for four hours, if the account may reserve. Reservations are not listed: one whose answer was lost ends by itself and cannot be found."},
	provider.CapOrders: {Can: true, Link: docs + "numbers/guides/searchingForNumbers",
		Reason: "The carrier does not keep CustomerOrderId unique: two orders with one key cannot be told apart. An account may have a smaller limit of numbers in one order."},
	provider.CapOwned: {Can: true,
		Reason: "Numbers have no identifier and no label of their own: the key of the order that bought one is on the order."},
	provider.CapRouting: {Link: docs + "account/accountStructure",
		Reason: "A number's location (SIP peer) is chosen when it is ordered: Config.Peer, or the option PeerId."},
	provider.CapReturn: {Can: true, Link: docs + "numbers/guides/disconnectNumbers",
		Reason: "Disconnect orders cannot be asked for by key: a lost answer is settled by asking each number. Imported numbers are removed in another way, which is not offered."},
	provider.CapNames: {Can: true, Link: docs + "numbers/guides/managingLineFeatures",
		Reason: "A name can be replaced but not removed, and toll-free numbers cannot have one through the API: the carrier's support does both. Name orders are found by number."},
	provider.CapNameLookup: {Link: docs + "voice/cnam-per-dip",
		Reason: "Caller names are looked up at another service of the carrier, which wants a password of its own in the address of every request."},
	provider.CapLookup: {Link: docs + "numbers/guides/lookupNumbers",
		Reason: "The number look-up is another product at another host, and answers later: there is no answer to give at once."},
	provider.CapEmergency: {Can: true, Link: docs + "numbers/guides/e911s",
		Reason: "A registered number is what a dispatcher calls back. The registrar may alter an address (adjusted) unless it was to be registered as given."},
	provider.CapEndpoints: {Can: true, Link: docs + "numbers/guides/e911s",
		Reason: "The carrier keeps no labels of endpoints, and its list shows no addresses. An endpoint is named by its identifier in From; there is no Geolocation header."},
	provider.CapPortCheck: {Can: true, Link: docs + "numbers/porting/port-ins/stand-alone-portins/lnp-checker",
		Reason: "Local numbers only: toll-free numbers are checked by an order that takes minutes, and again when a port is opened."},
	provider.CapPorts: {Can: true, Link: docs + "numbers/porting/port-ins/stand-alone-portins",
		Reason: "Local and toll-free numbers cannot share a request. A draft that nobody changes is removed after 48 hours; a change is refused within 24 hours of the FOC."},
	provider.CapPortDocs: {Can: true,
		Reason: "The carrier takes documents for an order only: they wait in memory, for an hour at most, until a port names them."},
	provider.CapPortNotes: {Can: true,
		Reason: "A note needs the name of the API user who writes it (Config.NoteUser) and has at most 500 characters."},
	provider.CapPortOuts: {Can: true, Link: docs + "numbers/porting/port-outs/port-out-notifications",
		Reason: "Port-outs are listed, and often without their numbers. They are answered while the carrier asks (Config.PortOut, by contract with the carrier), not afterwards."},
	provider.CapHooks: {Can: true, Link: docs + "account/subscriptions-2",
		Reason: "Messages of v1 are not signed and never repeated; those of v2 are signed without a time. Either is a reason to look, and polling stays necessary."},
}
