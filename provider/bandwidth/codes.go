package bandwidth

import "github.com/numberdesk/numberdesk/provider"

// codes are the documented error codes, by resource: 5017, 5062 and 5102 mean
// something else elsewhere, so that a code alone says nothing. Source: the error
// code page of the Numbers API and the examples of its specification.
var codes = map[resource]map[string]meaning{
	anywhere: {
		"1001":  {provider.Forbidden, "the account or its user may not do this"},
		"1003":  {provider.Invalid, "a part that is needed is missing"},
		"1006":  {provider.Invalid, "the page is larger than the carrier allows"},
		"1008":  {provider.NotFound, "this is no identifier of the carrier"},
		"4009":  {provider.Unavailable, "a system behind the carrier's API did not answer"},
		"5051":  {provider.Forbidden, "the account may not do this"},
		"5076":  {provider.NotYours, "the number is not in the account"},
		"5086":  {provider.Unavailable, "the carrier timed out"},
		"7999":  {provider.Unavailable, "a system behind the carrier's API did not answer"},
		"8007":  {provider.Unavailable, "a system behind the carrier's API did not answer"},
		"12109": {provider.Unavailable, "the address service did not answer"},
		"16007": {provider.Forbidden, "the account may not do this"},
	},
	searching: {
		"4003": {provider.Invalid, "the vanity pattern is not of the length and characters that the carrier takes"},
		"4004": {provider.Invalid, "the toll-free wildcard is not three characters of which the last is *"},
		"4020": {provider.Invalid, "the results cannot be ordered by this"},
		"4021": {provider.Invalid, "the results cannot be ordered by this without one more condition"},
		"4022": {provider.Invalid, "the condition about protected numbers is none that the carrier knows"},
	},
	orders: {
		"5005": {provider.NumberTaken, "the number is not available"},
		"5007": {provider.Capacity, "the account has reached its limit"},
		"5012": {provider.Conflict, "the number is locked"},
		"5014": {provider.Unavailable, "the carrier timed out"},
		"5015": {provider.Unavailable, "the carrier timed out"},
		"5016": {provider.Precondition, "the site is wrong"},
		"5018": {provider.NumberTaken, "the number is not available"},
		"5020": {provider.Precondition, "the site has no default peer, and none was named"},
		"5022": {provider.Precondition, "the site is missing or wrong"},
		"5023": {provider.Precondition, "the peer is wrong, or belongs to another site"},
		"5041": {provider.NumberTaken, "the number is not available"},
		"5052": {provider.Invalid, "the key is not of the characters and length that the carrier takes"},
		"5070": {provider.Invalid, "the carrier takes this for no telephone number"},
		"5071": {provider.NumberTaken, "the number is not available"},
		"5072": {provider.Invalid, "a number is there twice"},
		"5093": {provider.Invalid, "a number is there twice"},
		"5094": {provider.Conflict, "the number is locked"},
		"5095": {provider.Invalid, "the order holds more numbers than the account may order at once"},
		"5165": {provider.Invalid, "North American and other numbers cannot share an order"},
	},
	disconnects: {
		"5006": {provider.NotYours, "the number is not in the account"},
		"5012": {provider.Conflict, "the number is locked"},
		"5014": {provider.Unavailable, "the carrier timed out"},
		"5015": {provider.Unavailable, "the carrier timed out"},
		"5070": {provider.Invalid, "the carrier takes this for no telephone number"},
		"5072": {provider.Invalid, "a number is there twice"},
		"5074": {provider.Precondition, "the number is not in service"},
		"5084": {provider.Forbidden, "this way to disconnect is not open to the account"},
		"5085": {provider.Forbidden, "this way to disconnect is not open to the account"},
		"5093": {provider.Invalid, "a number is there twice"},
		"5094": {provider.Conflict, "the number is locked"},
		"5095": {provider.Invalid, "the order holds more numbers than the account may return at once"},
	},
	reservations: {
		"5041": {provider.NumberTaken, "the number is not available"},
		"5046": {provider.Forbidden, "the account may not reserve numbers"},
	},
	telephones: {
		"15607": {provider.Invalid, "too many numbers in one question"},
		"15608": {provider.Invalid, "the carrier takes this for no telephone number"},
		"15610": {provider.NotFound, "the number is not in the account"},
	},
	lidbs: {
		"5074":  {provider.Precondition, "the number is not in service"},
		"11005": {provider.Invalid, "the name is longer than 15 characters"},
		"11006": {provider.Invalid, "the use is neither BUSINESS nor RESIDENTIAL"},
		"11007": {provider.Invalid, "the visibility is neither PUBLIC nor PRIVATE"},
		"11014": {provider.NotYours, "the number is not in the account"},
		"11015": {provider.Unsupported, "toll-free numbers cannot be named through the API"},
		"11016": {provider.Unsupported, "the vendor of the number cannot store names"},
		"11020": {provider.Conflict, "the number has a name already, or one is on its way"},
		"11024": {provider.Invalid, "the name begins with a space"},
		"11025": {provider.NotYours, "the number is not in the account"},
	},
	e911s: {
		"5070": {provider.Invalid, "the carrier takes this for no telephone number"},
		"8001": {provider.Invalid, "the caller name is missing or wrong"},
		"8002": {provider.Invalid, "the caller name is longer than 50 characters"},
		"8003": {provider.NotYours, "the number is not in the account"},
		"8009": {provider.Precondition, "the number is not in service"},
		"8011": {provider.Invalid, "numbers and identifiers cannot share an order"},
		"8033": {provider.Conflict, "the same registration is on its way in another order"},
		"8063": {provider.Invalid, "the state is none that the registrar knows"},
	},
	geocoding: {
		"12110": {provider.Invalid, "the registrar cannot place the address"},
		"12111": {provider.Unavailable, "the address service gave an answer that makes no sense"},
		"12112": {provider.Invalid, "the registrar holds another address"},
	},
	portins: {
		"7201":  {provider.Unsupported, "only North American numbers can be checked"},
		"7203":  {provider.Invalid, "the billing number is wrong"},
		"7204":  {provider.Invalid, "the billing number is wrong"},
		"7205":  {provider.Conflict, "the number is in another port order"},
		"7304":  {provider.Precondition, "the order is complete and cannot be changed"},
		"7309":  {provider.Precondition, "the site is missing or wrong"},
		"7312":  {provider.Precondition, "the peer is wrong"},
		"7617":  {provider.Unavailable, "a system behind the carrier's API did not answer"},
		"7642":  {provider.Invalid, "a number is spare: it belongs to nobody"},
		"7643":  {provider.Invalid, "a number cannot be ported: it is not available"},
		"12501": {provider.Precondition, "a note needs the name of the API user who writes it"},
	},
}

// spans are the ranges of the documentation, for codes that have no line of
// their own: what they say is in the carrier's documentation, not here.
var spans = []struct {
	where    resource
	from, to int
	text     string
}{
	{searching, 4000, 4026, "the search is refused"},
	{orders, 5000, 5165, "the order is refused"},
	{disconnects, 5000, 5165, "the return is refused"},
	{reservations, 5040, 5047, "the reservation is refused"},
	{e911s, 8000, 8199, "the registration is refused"},
	{lidbs, 11005, 11025, "the name is refused"},
	{geocoding, 12000, 12999, "the address is refused"},
	{portins, 7000, 7999, "the port is refused"},
}
