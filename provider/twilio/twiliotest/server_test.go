package twiliotest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/secret"
	"github.com/numberdesk/numberdesk/vanity"
)

const (
	acc     = "AC00000000000000000000000000000001"
	profile = "BU00000000000000000000000000000001"
	rest    = "/2010-04-01/Accounts/" + acc
)

func serve(t *testing.T) *Server {
	engine, err := sandbox.New(Engine(sandbox.Config{}))
	require.NoError(t, err)
	t.Cleanup(func() { engine.Close() })
	return New(engine, Config{Account: acc, Token: secret.New("t"), Profile: profile})
}

// ask makes one request: form is sent as a form where it is not nil.
func ask(t *testing.T, s *Server, method, at string, form url.Values) (int, map[string]any) {
	body := ""
	if form != nil {
		body = form.Encode()
	}
	r := httptest.NewRequest(method, at, strings.NewReader(body))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.SetBasicAuth(acc, "t")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	require.NotEmpty(t, w.Header().Get("Twilio-Request-Id"))
	if w.Body.Len() == 0 {
		return w.Code, nil
	}
	var v map[string]any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &v))
	return w.Code, v
}

// The rules of Contains, as the document of the search has them.
func TestPattern(t *testing.T) {
	for s, want := range map[string]vanity.Query{
		"77": {Contains: "77"}, "FLOWERS": {Contains: "3569377"}, "+1501": {Prefix: "501"}, "1000$": {Suffix: "1000"}, "*55%": {Contains: "55"}, "%5552": {Contains: "5552"},
	} {
		q, ok := pattern(s)
		require.True(t, ok, s)
		require.Equal(t, want, q, s)
	}
	for _, s := range []string{"", "7", "*7", "7%", "5*5", "**55", "+*55", "55%$", "$55", "55+", "+501", "+1", "%%%", "12345678901234567", "12345678901", "5 5!", "é5"} {
		_, ok := pattern(s)
		require.False(t, ok, s)
	}
}

func TestRefusals(t *testing.T) {
	s := serve(t)
	number := url.Values{"PhoneNumber": {"+15015550101"}}
	for _, tt := range []struct {
		method, at   string
		form         url.Values
		status, code int
	}{
		{"GET", "/nowhere", nil, 404, 20404},
		{"GET", "/2010-04-01/Accounts/AC00000000000000000000000000000009/IncomingPhoneNumbers.json", nil, 404, 20404},
		{"GET", rest + "/AvailablePhoneNumbers/US/Local.json?NoSuchName=1", nil, 400, 20001},
		{"GET", rest + "/AvailablePhoneNumbers/US/Local.json?AreaCode=abc", nil, 400, 21451},
		{"GET", rest + "/AvailablePhoneNumbers/US/Local.json?Contains=**5", nil, 400, 21421},
		{"GET", rest + "/AvailablePhoneNumbers/US/Local.json?PageSize=1001", nil, 400, 20001},
		{"GET", rest + "/AvailablePhoneNumbers/US/Local.json?InRateCenter=X", nil, 400, 20001},
		{"GET", rest + "/AvailablePhoneNumbers/DE/Local.json", nil, 404, 20404},
		{"POST", rest + "/IncomingPhoneNumbers.json", nil, 415, 20001},
		{"POST", rest + "/IncomingPhoneNumbers.json", url.Values{"PhoneNumber": {"1"}}, 400, 21421},
		{"POST", rest + "/IncomingPhoneNumbers.json", url.Values{"PhoneNumber": {"+15015550101"}, "Misspelt": {"1"}}, 400, 20001},
		{"POST", rest + "/IncomingPhoneNumbers.json", url.Values{"PhoneNumber": {"+15015550101"}, "FriendlyName": {strings.Repeat("x", 65)}}, 400, 20001},
		{"POST", rest + "/IncomingPhoneNumbers.json", number, 400, 21422},
		{"GET", rest + "/IncomingPhoneNumbers.json?PageSize=0", nil, 400, 20001},
		{"GET", rest + "/IncomingPhoneNumbers.json?PageToken=x", nil, 400, 20001},
		{"GET", rest + "/IncomingPhoneNumbers/PN00000000000000000000000000000001.json", nil, 404, 20404},
		{"DELETE", rest + "/IncomingPhoneNumbers/PN00000000000000000000000000000001.json", nil, 404, 20404},
		{"POST", rest + "/Addresses.json", url.Values{"Street": {"1 MAIN ST"}}, 400, 20001},
		{"GET", rest + "/Addresses/AD00000000000000000000000000000001.json", nil, 404, 20404},
		{"DELETE", rest + "/Addresses/AD00000000000000000000000000000001.json", nil, 404, 20404},
		{"GET", "/v1/PhoneNumbers/Countries/DE", nil, 404, 20404},
		{"GET", "/v2/PhoneNumbers/x", nil, 404, 20404},
		{"GET", "/v2/PhoneNumbers/+15015550101?Fields=horoscope", nil, 400, 60600},
		{"POST", "/v1/TrustProducts", url.Values{"FriendlyName": {"x"}, "Email": {"a@b.example"}, "PolicySid": {"RN00000000000000000000000000000001"}}, 400, 20001},
		{"GET", "/v1/TrustProducts/BU00000000000000000000000000000009", nil, 404, 20404},
		{"POST", "/v1/EndUsers", url.Values{"FriendlyName": {"x"}, "Type": {"person"}}, 400, 20001},
		{"GET", "/v1/EndUsers/IT00000000000000000000000000000009", nil, 404, 20404},
		{"POST", "/v1/CustomerProfiles/BU00000000000000000000000000000009/ChannelEndpointAssignments", url.Values{"ChannelEndpointType": {"phone-number"}, "ChannelEndpointSid": {"PN1"}}, 404, 20404},
		{"POST", "/v1/CustomerProfiles/" + profile + "/ChannelEndpointAssignments", url.Values{"ChannelEndpointType": {"phone-number"}, "ChannelEndpointSid": {"PN1"}}, 400, 20001},
		{"DELETE", "/v1/TrustProducts/BU00000000000000000000000000000009/ChannelEndpointAssignments/RA1", nil, 404, 20404},
		{"GET", "/v1/Porting/Portability/PhoneNumber/1", nil, 400, 22102},
		{"GET", "/v1/Porting/PortIn/KW00000000000000000000000000000001", nil, 404, 20404},
		{"DELETE", "/v1/Porting/PortIn/KW00000000000000000000000000000001/PhoneNumber/PU1", nil, 404, 20404},
		{"POST", "/v1/Porting/PortIn", nil, 415, 20001},
		{"GET", "/v1/Porting/PortIn/PortInRequests?Size=101", nil, 400, 20001},
		{"GET", "/v1/Porting/PortIn/PortInRequests?Token=KW1", nil, 400, 20001},
		{"POST", "/v1/Documents", nil, 415, 20001},
	} {
		status, v := ask(t, s, tt.method, tt.at, tt.form)
		require.Equal(t, tt.status, status, "%s %s", tt.method, tt.at)
		require.EqualValues(t, tt.code, v["code"], "%s %s", tt.method, tt.at)
		shape := "status"
		if strings.HasPrefix(tt.at, "/v1/Porting/") {
			shape = "httpStatusCode"
		}
		require.EqualValues(t, tt.status, v[shape], tt.at)
	}
	s.Refuse(true)
	status, v := ask(t, s, "GET", rest+"/IncomingPhoneNumbers.json", nil)
	require.Equal(t, http.StatusUnauthorized, status)
	require.EqualValues(t, 20003, v["code"])
	require.Contains(t, s.Requests(), "GET /nowhere")
}

// A number that is bought by whom looks nowhere first, and what the list says of it.
func TestNumbers(t *testing.T) {
	s := serve(t)
	_, v := ask(t, s, "GET", rest+"/AvailablePhoneNumbers/US/Local.json?InRegion=AR&PageSize=2", nil)
	var ns []string
	for _, x := range v["available_phone_numbers"].([]any) {
		ns = append(ns, x.(map[string]any)["phone_number"].(string))
	}
	for i, n := range ns {
		status, got := ask(t, s, "POST", rest+"/IncomingPhoneNumbers.json", url.Values{"PhoneNumber": {n}, "FriendlyName": {[]string{"a name", "K2"}[i]}, "VoiceUrl": {"https://x.example"}})
		require.Equal(t, 201, status)
		require.Equal(t, []string{"a name", "K2"}[i], got["friendly_name"])
		require.Equal(t, "https://x.example", got["voice_url"])
	}
	_, v = ask(t, s, "GET", rest+"/IncomingPhoneNumbers.json?FriendlyName=K2", nil)
	require.Len(t, v["incoming_phone_numbers"], 1)
	_, v = ask(t, s, "GET", rest+"/IncomingPhoneNumbers.json?PhoneNumber="+url.QueryEscape(ns[0][2:6]+"*"), nil)
	require.NotEmpty(t, v["incoming_phone_numbers"], "a part finds it")
	_, v = ask(t, s, "GET", rest+"/IncomingPhoneNumbers.json?PageSize=1", nil)
	require.NotNil(t, v["next_page_uri"])
	pn := v["incoming_phone_numbers"].([]any)[0].(map[string]any)["sid"].(string)
	_, v = ask(t, s, "GET", v["next_page_uri"].(string), nil)
	require.Nil(t, v["next_page_uri"])
	require.NotEqual(t, pn, v["incoming_phone_numbers"].([]any)[0].(map[string]any)["sid"])

	status, v := ask(t, s, "POST", rest+"/IncomingPhoneNumbers/"+pn+".json", url.Values{"FriendlyName": {"renamed"}})
	require.Equal(t, 200, status)
	require.Equal(t, "renamed", v["friendly_name"])
	status, _ = ask(t, s, "POST", rest+"/IncomingPhoneNumbers/"+pn+".json", url.Values{"TrunkSid": {"TK1"}})
	require.Equal(t, 400, status)
	status, _ = ask(t, s, "POST", rest+"/IncomingPhoneNumbers/"+pn+".json", url.Values{"EmergencyAddressSid": {"AD00000000000000000000000000000001"}})
	require.Equal(t, 400, status)
	status, _ = ask(t, s, "GET", rest+"/IncomingPhoneNumbers/"+pn+".json", nil)
	require.Equal(t, 200, status)
	status, _ = ask(t, s, "DELETE", rest+"/IncomingPhoneNumbers/"+pn+".json", nil)
	require.Equal(t, 204, status)
	status, _ = ask(t, s, "DELETE", rest+"/IncomingPhoneNumbers/"+pn+".json", nil)
	require.Equal(t, 404, status)

	// A server that is started anew finds a number that it has not shown yet.
	_, v = ask(t, s, "GET", rest+"/IncomingPhoneNumbers.json", nil)
	other := v["incoming_phone_numbers"].([]any)[0].(map[string]any)["sid"].(string)
	fresh := New(s.engine, s.cfg)
	status, _ = ask(t, fresh, "GET", rest+"/IncomingPhoneNumbers/"+other+".json", nil)
	require.Equal(t, 200, status)
}

// A product that is not complete is not submitted, and says so.
func TestProductsWantAll(t *testing.T) {
	s := serve(t)
	_, p := ask(t, s, "POST", "/v1/TrustProducts", url.Values{"FriendlyName": {"N"}, "Email": {"a@b.example"}, "PolicySid": {cnamPolicy}})
	bu := p["sid"].(string)
	status, v := ask(t, s, "POST", "/v1/TrustProducts/"+bu+"/Evaluations", url.Values{"PolicySid": {cnamPolicy}})
	require.Equal(t, 201, status)
	require.Equal(t, "noncompliant", v["status"])
	for at, form := range map[string]url.Values{
		"": {"Status": {"pending-review"}}, "/EntityAssignments": {"ObjectSid": {"IT1"}}, "/ChannelEndpointAssignments": {"ChannelEndpointType": {"phone-number"}, "ChannelEndpointSid": {"PN1"}},
	} {
		status, _ = ask(t, s, "POST", "/v1/TrustProducts/"+bu+at, form)
		require.Equal(t, 400, status, at)
	}
	status, v = ask(t, s, "GET", "/v1/TrustProducts?FriendlyName=N&PageSize=1", nil)
	require.Equal(t, 200, status)
	require.Len(t, v["results"], 1)
	status, _ = ask(t, s, "GET", "/v1/TrustProducts?PageSize=x", nil)
	require.Equal(t, 400, status)
}

func TestEngineKeepsWhatIsNotTwilios(t *testing.T) {
	rates := map[sandbox.Fault]float64{sandbox.Backordered: 1, sandbox.Taken: 0.5}
	c := Engine(sandbox.Config{Seed: 7, Chaos: sandbox.Chaos{Rates: rates}})
	require.Equal(t, uint64(7), c.Seed)
	require.Equal(t, map[sandbox.Fault]float64{sandbox.Taken: 0.5}, c.Chaos.Rates)
	require.Len(t, rates, 2, "what the caller gave is his own")
	require.Equal(t, provider.ByThing, c.Keying)
}
