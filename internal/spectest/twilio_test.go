package spectest

import (
	"bytes"
	"crypto/sha256"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/providertest"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/provider/sandbox/sandboxtest"
	"github.com/numberdesk/numberdesk/provider/twilio"
	"github.com/numberdesk/numberdesk/provider/twilio/twiliotest"
	"github.com/numberdesk/numberdesk/secret"
	"github.com/numberdesk/numberdesk/vanity"
)

const (
	twilioAccount = "AC00000000000000000000000000000001"
	twilioProfile = "BU00000000000000000000000000000001"
)

// twilioBill is the smallest document that a port takes.
func twilioBill() provider.Document {
	b := []byte("%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n")
	return provider.Document{Kind: "invoice", MediaType: "application/pdf", Size: int64(len(b)), SHA256: sha256.Sum256(b),
		Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil }}
}

func twilioWorld(t testing.TB, w *Witness) providertest.World {
	stage := sandboxtest.New(t, twiliotest.Engine(sandbox.Config{}))
	hook := secret.New("hook")
	fake := twiliotest.New(stage.Carrier, twiliotest.Config{Account: twilioAccount, Token: secret.New("token"), HookKey: hook, Now: stage.Now, Profile: twilioProfile})
	srv := httptest.NewServer(fake)
	t.Cleanup(srv.Close)
	p, err := twilio.New(twilio.Config{Account: twilioAccount, Token: secret.New("token"), WebhookKeys: []secret.String{hook}, Base: srv.URL,
		Callback: "https://hooks.example/names", Now: stage.Now, Rates: unlimited, Transport: w})
	require.NoError(t, err)
	t.Cleanup(func() { p.Close() })
	world := stage.World(p)
	world.Destinations = []string{"TK00000000000000000000000000000001", "AP00000000000000000000000000000002"}
	world.Business = &provider.Business{Ref: twilioProfile, Email: "erika@river-bakery.example"}
	world.Document = twilioBill
	world.Unauthorize = func() { fake.Refuse(true) }
	world.RejectPort = func(r provider.Ref) { stage.RejectPort(fake.EnginePort(r)) }
	port := world.Port
	world.Port = func(k provider.Key, ns []nanp.Number) provider.PortRequest {
		r := port(k, ns)
		up, err := p.Capabilities().PortDocs.UploadDocument(t.Context(), k, twilioBill())
		require.NoError(t, err)
		r.Documents = []provider.Ref{up.Ref}
		r.Options = provider.Options{"target_port_in_time_range_start": "10:00:00-05:00", "target_port_in_time_range_end": "17:00:00-05:00"}
		return r
	}
	return world
}

func TestTwilio(t *testing.T) {
	w := &Witness{Next: http.DefaultTransport, Documents: Load(t, "twilio/twilio_api_v2010.json", "twilio/twilio_numbers_v1.json",
		"twilio/twilio_trusthub_v1.json", "twilio/twilio_lookups_v2.json", "twilio/twilio_pricing_v1.json")}
	exercise(t, providertest.Harness{New: func(t testing.TB) providertest.World { return twilioWorld(t, w) }})
	twilioDirect(t, w)
	w.Judge(t, twilioOperations, twilioDeviations)
}

// twilioDirect sends what the kit does not: every option, and what only a reference
// leads to.
func twilioDirect(t *testing.T, w *Witness) {
	world := twilioWorld(t, w)
	c := world.Provider.Capabilities()
	const some = "00000000000000000000000000000001"
	found, err := c.Search.Search(t.Context(), provider.SearchRequest{State: world.Search.State, City: world.Search.City, RateCenter: "ANYWHERE",
		Query: vanity.Query{NPA: 479, Contains: "24"}, Page: provider.Page{Limit: 1000}, Options: provider.Options{
			"InLata": "520", "InPostalCode": "72201", "NearNumber": "+15015550101", "NearLatLong": "34.7,-92.3", "Distance": "500",
			"VoiceEnabled": "true", "SmsEnabled": "true", "MmsEnabled": "true", "FaxEnabled": "false", "Beta": "false",
			"ExcludeAllAddressRequired": "true", "ExcludeLocalAddressRequired": "true", "ExcludeForeignAddressRequired": "true"}})
	require.NoError(t, err)
	require.Empty(t, found.Items, "there is no such rate center")
	found, err = c.Search.Search(t.Context(), world.Search)
	require.NoError(t, err)
	n := found.Items[0].Number
	_, err = c.Orders.Place(t.Context(), provider.OrderRequest{Key: "a-key-of-32-characters-0123456789", Lines: []provider.OrderLine{{Number: n}}})
	require.ErrorIs(t, err, provider.Invalid)
	_, err = c.Orders.Place(t.Context(), provider.OrderRequest{Key: "a-key-of-32-characters-012345678", Lines: []provider.OrderLine{{Number: n}}, Options: provider.Options{
		"AddressSid": "AD" + some, "BundleSid": "BU" + some, "IdentitySid": "RI" + some, "TrunkSid": "TK" + some, "VoiceApplicationSid": "AP" + some,
		"VoiceUrl": "https://calls.example/voice", "StatusCallback": "https://calls.example/status"}})
	require.NoError(t, err)
	_, err = c.Routing.Route(t.Context(), provider.RouteRequest{Key: "r", Numbers: []nanp.Number{n}, To: "https://calls.example/voice"})
	require.ErrorIs(t, err, provider.Precondition, "the number is in a trunk")
	o, err := c.Names.SetName(t.Context(), provider.NameRequest{Key: "name", Name: "RIVER BAKERY", Numbers: []nanp.Number{n}, Business: world.Business})
	require.NoError(t, err)
	f, err := c.Names.TrackName(t.Context(), provider.Trace{Ref: o.Ref, Numbers: []nanp.Number{n}})
	require.NoError(t, err)
	require.Equal(t, provider.Found, f.Verdict)
}

// twilioOperations are all that the adapter can send.
var twilioOperations = []string{
	"DELETE /2010-04-01/Accounts/{AccountSid}/Addresses/{Sid}.json",
	"DELETE /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json",
	"DELETE /v1/Porting/PortIn/{PortInRequestSid}",
	"DELETE /v1/Porting/PortIn/{PortInRequestSid}/PhoneNumber/{PhoneNumberSid}",
	"DELETE /v1/TrustProducts/{TrustProductSid}/ChannelEndpointAssignments/{Sid}",
	"GET /2010-04-01/Accounts/{AccountSid}/Addresses.json",
	"GET /2010-04-01/Accounts/{AccountSid}/Addresses/{Sid}.json",
	"GET /2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers/{CountryCode}/Local.json",
	"GET /2010-04-01/Accounts/{AccountSid}/AvailablePhoneNumbers/{CountryCode}/TollFree.json",
	"GET /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json",
	"GET /v1/CustomerProfiles/{CustomerProfileSid}/ChannelEndpointAssignments",
	"GET /v1/EndUsers",
	"GET /v1/EndUsers/{Sid}",
	"GET /v1/PhoneNumbers/Countries/{IsoCountry}",
	"GET /v1/Porting/PortIn/PortInRequests",
	"GET /v1/Porting/PortIn/{PortInRequestSid}",
	"GET /v1/Porting/Portability/PhoneNumber/{PhoneNumber}",
	"GET /v1/TrustProducts",
	"GET /v1/TrustProducts/{Sid}",
	"GET /v1/TrustProducts/{TrustProductSid}/ChannelEndpointAssignments",
	"GET /v1/TrustProducts/{TrustProductSid}/EntityAssignments",
	"GET /v2/PhoneNumbers/{PhoneNumber}",
	"POST /2010-04-01/Accounts/{AccountSid}/Addresses.json",
	"POST /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers.json",
	"POST /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json",
	"POST /v1/CustomerProfiles/{CustomerProfileSid}/ChannelEndpointAssignments",
	"POST /v1/EndUsers",
	"POST /v1/Porting/PortIn",
	"POST /v1/TrustProducts",
	"POST /v1/TrustProducts/{Sid}",
	"POST /v1/TrustProducts/{TrustProductSid}/ChannelEndpointAssignments",
	"POST /v1/TrustProducts/{TrustProductSid}/EntityAssignments",
	"POST /v1/TrustProducts/{TrustProductSid}/Evaluations",
}

const (
	detached = "An emergency address is detached by an empty value: https://www.twilio.com/docs/voice/sip/api/emergency-calling-api."
	priced   = "The schema says number; the example of the same operation (fetch) has texts: \"base_price\": \"1.00\"."
	nulled   = "The examples of the same operation (fetch, fetchCallerName, fetchLineTypeIntelligence) have null here."
)

var twilioDeviations = []Deviation{
	{"POST /v1/Documents", "request", "the path is in no document",
		"The host that documents for ports are uploaded to has no OpenAPI document: https://www.twilio.com/docs/phone-numbers/port-in/document-apis."},
	{"POST /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json", "request", "/EmergencyAddressSid: minimum string length is 34", detached},
	{"POST /2010-04-01/Accounts/{AccountSid}/IncomingPhoneNumbers/{Sid}.json", "request", "/EmergencyAddressSid: string doesn't match", detached},
	{"GET /v1/PhoneNumbers/Countries/{IsoCountry}", "answer", "/base_price: value must be a number", priced},
	{"GET /v1/PhoneNumbers/Countries/{IsoCountry}", "answer", "/current_price: value must be a number", priced},
	{"GET /v2/PhoneNumbers/{PhoneNumber}", "answer", "/validation_errors: Value is not nullable", nulled},
	{"GET /v2/PhoneNumbers/{PhoneNumber}", "answer", "/caller_name: Value is not nullable", nulled},
	{"GET /v2/PhoneNumbers/{PhoneNumber}", "answer", "/caller_name/error_code: Value is not nullable", nulled},
	{"GET /v2/PhoneNumbers/{PhoneNumber}", "answer", "/line_type_intelligence: Value is not nullable", nulled},
	{"GET /v2/PhoneNumbers/{PhoneNumber}", "answer", "/line_type_intelligence/error_code: Value is not nullable", nulled},
}
