package telnyx

import (
	"maps"
	"time"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/vanity"
)

const (
	// recentSearch is how old a search may be for its numbers to be ordered. The
	// carrier says "recent" (error 85000) and no time: ten minutes is a careful reading.
	recentSearch = 10 * time.Minute

	// orderLines is how many numbers one order holds. The carrier publishes no limit;
	// it shows the first 50 numbers of a part of an order, and an answer must be whole.
	orderLines = 50

	// searchMax is how many numbers are asked for at most: where the search states no
	// limit, that of the carrier's lists is kept.
	searchMax = 250

	exactMax = 20   // numbers of SearchRequest.Exact on one page: each costs a search
	jobMax   = 1000 // numbers in one job
	pageMax  = 250
)

// dialect is what GET /available_phone_numbers knows about digits: an area code and
// digits at the front, at the end or anywhere, all of them together, without
// wildcards. An exchange is asked for as the digits behind the area code.
var dialect = vanity.Dialect{NPA: true, NXX: true, Prefix: true, Suffix: true, Contains: true}

var why = map[provider.Capability]provider.Note{
	provider.CapPlaces: {Reason: "The carrier counts what is in stock by city or area code, one or the other: it has no list of places with their rate centers.",
		Link: "https://developers.telnyx.com/api-reference/inventory-level/create-an-inventory-coverage-request"},
	provider.CapSearch: {Can: true, Reason: "A search is one page of at most 250 numbers. Patterns without wildcards. A number can be ordered for a while after a search has returned it."},
	provider.CapHolds: {Can: true, Reason: "A hold ends by itself after 30 minutes. It cannot be given up earlier; the holder can order the number while it stands.",
		Link: "https://developers.telnyx.com/api-reference/number-reservations/create-a-number-reservation"},
	provider.CapOrders:     {Can: true, Reason: "The carrier cannot be told to provide all numbers of an order or none, whatever Partial says. It does not say why a number failed."},
	provider.CapOrderClose: {Can: true, Reason: "The parts of an order that are still pending are cancelled, one by one."},
	provider.CapRouting:    {Can: true, Reason: "The destination is a connection_id. More than one number is a job of the carrier: read a number to see when it is done."},
	provider.CapReturn:     {Can: true, Reason: "A job of the carrier. A number with the deletion lock is refused. A return is found by the absence of the number."},
	provider.CapNames:      {Can: true, Reason: "The carrier shows the name that it holds and has no status of it. It says nothing about toll-free numbers: their names are refused."},
	provider.CapAddresses:  {Can: true, Reason: "The carrier suggests one address, never several: one that could be several is invalid."},
	provider.CapEmergency: {Can: true, Reason: "Whether a new address takes the place of an old one without a gap is not documented: the old registration ends first.",
		Link: "https://developers.telnyx.com/api-reference/phone-number-configurations/enable-emergency-for-a-phone-number"},
	provider.CapEndpoints: {Can: true, Reason: "Endpoints carry no reference of ours and never change: a device that moves gets a new one. An endpoint whose creation was not answered is found by SetEndpoint with the same values only."},
	provider.CapPorts:     {Can: true, Reason: "Single numbers of an order cannot be cancelled. Nothing can be cancelled within 48 hours of the FOC. One PIN for an order.", Link: "https://developers.telnyx.com/docs/numbers/porting/cancel-port-order"},
	provider.CapPortDocs:  {Can: true, Reason: "A document is deleted unless an order uses it within 30 minutes."},
	provider.CapPortOuts:  {Can: true, Reason: "The carrier does not say until when an answer is waited for: the date of the port is the latest."},
}

func (c *Carrier) traits() provider.Traits {
	notes := maps.Clone(why)
	if len(c.keys) == 0 {
		notes[provider.CapHooks] = provider.Note{Reason: "Config.WebhookKeys is empty: a message that cannot be verified is not believed."}
	}
	return provider.Traits{
		Name:           "Telnyx",
		Why:            notes,
		Kinds:          []provider.NumberKind{provider.Local, provider.TollFree},
		Dialect:        map[provider.NumberKind]vanity.Dialect{provider.Local: dialect, provider.TollFree: dialect},
		Filters:        []provider.Filter{provider.ByState, provider.ByCity, provider.ByRateCenter, provider.ByExact},
		PageMax:        searchMax,
		PricesInSearch: true,
		RecentSearch:   recentSearch,
		OrderLines:     orderLines,
		PartialOrders:  true,
		Keyed: map[provider.Capability]provider.Keying{
			provider.CapHolds: provider.ByKey, provider.CapOrders: provider.ByKey, provider.CapOrderClose: provider.ByThing,
			provider.CapRouting: provider.ByThing, provider.CapReturn: provider.ByThing, provider.CapNames: provider.ByThing,
			provider.CapEmergency: provider.ByKey, provider.CapEndpoints: provider.ByNothing,
			provider.CapPorts: provider.ByKey, provider.CapPortAmend: provider.ByThing, provider.CapPortDocs: provider.ByKey,
			provider.CapPortNotes: provider.ByNothing, provider.CapPortOuts: provider.ByThing,
		},
		Horizon: c.cfg.Horizon,
		// The carrier promises no times but for toll-free numbers that are not
		// pre-provisioned, which take up to two business days: late is a hint to look.
		Usual: map[provider.Capability]time.Duration{
			provider.CapOrders: 10 * time.Minute, provider.CapReturn: 10 * time.Minute, provider.CapEmergency: time.Hour,
			provider.CapPorts: 10 * 24 * time.Hour,
		},
		Replace:    provider.BreakFirst,
		NameProof:  provider.ReadBack,
		PortSplits: true,
		Rates:      maps.Clone(c.cfg.Rates),
	}
}
