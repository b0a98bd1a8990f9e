package bandwidthtest_test

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/provider/bandwidth/bandwidthtest"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/provider/sandbox/sandboxtest"
)

// difference is what the fake's answer and the carrier's own bodies do not share.
// The bodies are those of v1, written by hand in places; a path stands for everything
// below it. why is where a name that only the fake has comes from.
type difference struct {
	bodies []string // keys of the carrier's own, in either file
	more   []string // the fake has it
	less   []string // the carrier's bodies have it
	why    string
}

const (
	unused  = "parts of no use here are left out"
	another = "this account orders explicit numbers, and the bodies are of orders of any number in an area code"
)

// differences are those of each resource that is both in the fake and among the
// carrier's own bodies.
var differences = map[string]difference{
	"area codes": {bodies: []string{"node/availableNpaNxx"}},
	"cities":     {bodies: []string{"node/cities"}},
	"disconnects": {bodies: []string{"node/disconnects"},
		less: below("ResponseSelectWrapper/ListOrderIdUserIdDate", "Links", "OrderIdUserIdDate/OrderDate", "OrderIdUserIdDate/OrderStatus", "OrderIdUserIdDate/OrderType", "OrderIdUserIdDate/TelephoneNumberDetails", "OrderIdUserIdDate/lastModifiedDate"),
		why:  unused},
	"documents": {bodies: []string{"ruby/files"},
		less: []string{"fileListResponse/resultMessage"},
		why:  unused},
	"endpoint": {bodies: []string{"ruby/aeui"},
		less: below("AlternateEndUserIdentifierResponse/AlternateEndUserIdentifier/E911", "Address/AddressLine2", "Address/AddressType", "Address/HouseSuffix", "EmergencyNotificationGroup"),
		why:  unused},
	"endpoints": {bodies: []string{"ruby/aeuis"},
		less: []string{"AlternateEndUserIdentifiersResponse/AlternateEndUserIdentifiers/AlternateEndUserIdentifier/EmergencyNotificationGroup"},
		why:  unused},
	"geocoding": {bodies: []string{"node/geocode"},
		more: below("GeocodeRequestResponse", "GeocodedAddress/PreDirectional", "RequestAddress"),
		less: []string{"GeocodeRequestResponse/GeocodedAddress/AddressLine1"},
		why:  "the specification repeats what was asked, and an address has the parts that it has"},
	"name": {bodies: []string{"node/lidb"},
		less: below("LidbOrder", "CreatedByUser", "LastModifiedDate", "LidbTnGroups/LidbTnGroup/FullNumber", "OrderCompleteDate", "OrderCreateDate"),
		why:  unused},
	"names": {bodies: []string{"node/lidbs"},
		less: below("ResponseSelectWrapper/ListOrderIdUserIdDate/OrderIdUserIdDate", "CountOfTNs", "OrderDate", "OrderStatus", "lastModifiedDate", "userId"),
		why:  unused},
	"notes": {bodies: []string{"node/notes"}},
	"number": {bodies: []string{"node/tnDetails"},
		more: below("TelephoneNumberResponse/TelephoneNumberDetails", "Features/E911/Address", "Features/E911/LastE911OrderOutcome", "Features/E911/SipPeerAddress", "SipPeer", "Site"),
		less: below("TelephoneNumberResponse/TelephoneNumberDetails", "City", "Features/Dlda", "Features/E911/Status", "LastModified", "Lata", "RateCenter", "TnAttributes", "VendorId", "VendorName"),
		why:  unused + "; LastE911OrderOutcome took the place of Status, and came with the address, the site and the peer"},
	"numbers": {bodies: []string{"node/tns"},
		less: below("TelephoneNumbersResponse/TelephoneNumbers/TelephoneNumber", "City", "LastModified", "Lata", "RateCenter", "VendorId", "VendorName"),
		why:  unused},
	"order": {bodies: []string{"ruby/order", "node/order"},
		more: below("OrderResponse", "ErrorList", "Order/ExistingTelephoneNumberOrderType"),
		less: below("OrderResponse", "CompletedQuantity", "LastModifiedDate", "Order/AreaCodeSearchAndOrderType", "OrderCompleteDate", "PendingQuantity", "Summary"),
		why:  another + "; " + unused + "; the list of errors is in the specification"},
	"order that is made": {bodies: []string{"ruby/create_order_response"},
		more: below("OrderResponse/Order", "ExistingTelephoneNumberOrderType", "PeerId"),
		less: []string{"OrderResponse/Order/CombinedSearchAndOrderType"},
		why:  another},
	"port": {bodies: []string{"node/portIn"},
		more: below("LnpOrderResponse", "CustomerOrderId", "PartialPort", "SiteId", "Subscriber/ServiceAddress/PlusFour", "Subscriber/ServiceAddress/PreDirectional", "Subscriber/ServiceAddress/StreetSuffix", "WirelessInfo"),
		less: []string{"LnpOrderResponse/BillingType"},
		why:  "the order repeats what was asked, and an address has the parts that it has"},
	"port check": {bodies: []string{"node/lnpCheck"},
		more: below("NumberPortabilityResponse", "PortType", "PortableNumbers", "SupportedLosingCarriers", "UnsupportedLosingCarriers", "UnsupportedRateCenters/RateCenterGroup"),
		less: []string{"NumberPortabilityResponse/SupportedRateCenters/RateCenterGroup"},
		why:  "these are parts of a full check, which the body is not"},
	"port-out": {bodies: []string{"node/portOut"},
		more: []string{"LnpOrderResponse/ListOfPhoneNumbers"},
		less: below("LnpOrderResponse", "ActualFocDate", "LastModifiedDate", "PortOutStatus", "RequestedFocDate"),
		why:  unused + "; the numbers of a port-out are in the specification"},
	"ports": {bodies: []string{"ruby/port_ins"},
		more: below("LNPResponseWrapper/lnpPortInfoForGivenStatus", "ErrorCode", "ErrorMessage"),
		less: below("LNPResponseWrapper", "Links", "lnpPortInfoForGivenStatus/ActualFOCDate", "lnpPortInfoForGivenStatus/BillingTelephoneNumber", "lnpPortInfoForGivenStatus/CompanyName", "lnpPortInfoForGivenStatus/LNPLosingCarrierId", "lnpPortInfoForGivenStatus/LNPLosingCarrierName", "lnpPortInfoForGivenStatus/OrderDate", "lnpPortInfoForGivenStatus/PON", "lnpPortInfoForGivenStatus/ProcessingStatus", "lnpPortInfoForGivenStatus/RequestedFOCDate", "lnpPortInfoForGivenStatus/VendorId", "lnpPortInfoForGivenStatus/VendorName", "lnpPortInfoForGivenStatus/accountId", "lnpPortInfoForGivenStatus/lastModifiedDate", "lnpPortInfoForGivenStatus/userId"),
		why:  unused + "; the specification has an error code of 201, which is none"},
	"reservation": {bodies: []string{"ruby/tn_reservation"}},
	"search": {bodies: []string{"ruby/available_number_details", "node/availableNumbers"},
		less: below("SearchResult/TelephoneNumberDetailList/TelephoneNumberDetail", "LATA", "TelephoneNumber"),
		why:  unused + "; TelephoneNumber is FullNumber in an older body"},
}

// below puts a path before names.
func below(path string, names ...string) []string {
	for i := range names {
		names[i] = path + "/" + names[i]
	}
	return names
}

// TestStructure compares names and nesting of the fake's answers with those of the
// carrier's own bodies, which are not part of this repository.
func TestStructure(t *testing.T) {
	dir := os.Getenv("NUMBERDESK_SPECS")
	if dir == "" {
		t.Skip("NUMBERDESK_SPECS names no folder with the carriers' specifications")
	}
	if sub := filepath.Join(dir, "bandwidth"); isDir(sub) {
		dir = sub
	}
	own := bodiesIn(t, dir)
	answers := everyAnswer(t)
	for name := range differences {
		require.Contains(t, answers, name, "the fake gives no such answer")
	}
	for name, body := range answers {
		t.Run(name, func(t *testing.T) {
			d, known := differences[name]
			require.True(t, known, "no body to compare with")
			theirs := map[string]bool{}
			for _, key := range d.bodies {
				require.Contains(t, own, key)
				for p := range pathsIn(t, own[key]) {
					theirs[p] = true
				}
			}
			ours := pathsIn(t, body)
			require.Equal(t, d.more, only(ours, theirs, d.more), "the fake has, and the carrier's bodies do not")
			require.Equal(t, d.less, only(theirs, ours, d.less), "the carrier's bodies have, and the fake does not")
			require.Equal(t, len(d.more)+len(d.less) > 0, d.why != "", "why")
		})
	}
}

func isDir(path string) bool {
	i, err := os.Stat(path)
	return err == nil && i.IsDir()
}

// only lists the paths of a that b has not, those that are listed by what is above
// them. nil when there are none.
func only(a, b map[string]bool, listed []string) []string {
	var out []string
	for p := range a {
		if b[p] {
			continue
		}
		for _, l := range listed {
			if strings.HasPrefix(p, l+"/") {
				p = l
			}
		}
		out = append(out, p)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// pathsIn lists the elements of a document, each once, below its root and with it.
func pathsIn(t *testing.T, body string) map[string]bool {
	out := map[string]bool{}
	d := xml.NewDecoder(strings.NewReader(body))
	var path []string
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out
		}
		require.NoError(t, err, body)
		switch tok := tok.(type) {
		case xml.StartElement:
			path = append(path, tok.Name.Local)
			out[strings.Join(path, "/")] = true
		case xml.EndElement:
			path = path[:len(path)-1]
		}
	}
}

// bodiesIn reads both files: JSON, and the one form of YAML that the other has, a key
// and a quoted text on each line.
func bodiesIn(t *testing.T, dir string) map[string]string {
	out := map[string]string{}
	b, err := os.ReadFile(filepath.Join(dir, "node-numbers_test_xml.json"))
	require.NoError(t, err)
	var m map[string]string
	require.NoError(t, json.Unmarshal(b, &m))
	for k, v := range m {
		out["node/"+k] = v
	}
	b, err = os.ReadFile(filepath.Join(dir, "ruby-bandwidth-iris_spec_xml.yml"))
	require.NoError(t, err)
	for line := range strings.Lines(string(b)) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok || value == "" {
			continue
		}
		if value[0] == '\'' {
			value = strings.ReplaceAll(strings.Trim(value, "'"), "''", "'")
		} else if value, err = strconv.Unquote(value); err != nil {
			continue
		}
		out["ruby/"+key] = value
	}
	return out
}

// everyAnswer asks the fake for each resource of which the carrier has a body.
func everyAnswer(t *testing.T) map[string]string {
	stage := sandboxtest.New(t, bandwidthtest.Engine(sandbox.Config{}))
	c := caller{t, bandwidthtest.New(stage.Carrier, bandwidthtest.Config{User: "user", Password: "password", Now: stage.Now})}
	world := stage.World(stage.Carrier)
	out := map[string]string{}
	send := func(name, method, path, body string, header ...string) (id string) {
		w := c.do(method, path, body, header...)
		require.Contains(t, []int{200, 201}, w.Code, "%s %s: %s", method, path, w.Body)
		if name != "" {
			out[name] = w.Body.String()
		}
		loc := w.Header().Get("Location")
		return loc[strings.LastIndexByte(loc, '/')+1:]
	}
	tag := func(name string, inner ...string) string {
		return "<" + name + ">" + strings.Join(inner, "") + "</" + name + ">"
	}

	send("search", "GET", "/availableNumbers?state=AR&quantity=3&enableTNDetail=true", "")
	_, rest, _ := strings.Cut(out["search"], "<FullNumber>")
	tn, _, _ := strings.Cut(rest, "<")
	send("area codes", "GET", "/availableNpaNxx?state=AR", "")
	send("cities", "GET", "./cities?state=AR", "")
	hold := send("", "POST", "/tnreservation", tag("Reservation", tag("ReservedTn", tn)))
	send("reservation", "GET", "/tnreservation/"+hold, "")
	numbers := tag("TelephoneNumbers", tag("TelephoneNumber", tn))
	explicit := tag("TelephoneNumberList", tag("TelephoneNumber", tn))
	order := send("order that is made", "POST", "/orders", tag("Order", "<CustomerOrderId>K1</CustomerOrderId><Name>K1</Name><SiteId>743</SiteId><PeerId>303716</PeerId><PartialAllowed>true</PartialAllowed>",
		tag("ExistingTelephoneNumberOrderType", explicit, tag("ReservationIdList", tag("ReservationId", hold)))))
	stage.Advance(24 * time.Hour)
	send("order", "GET", "/orders/"+order, "")

	address := "<HouseNumber>" + world.Addresses.Good.HouseNumber + "</HouseNumber><PreDirectional>" + world.Addresses.Good.PreDir + "</PreDirectional><StreetName>" + world.Addresses.Good.Street +
		"</StreetName><StreetSuffix>" + world.Addresses.Good.Suffix + "</StreetSuffix><City>" + world.Addresses.Good.City + "</City><StateCode>" + world.Addresses.Good.State + "</StateCode><Zip>" + world.Addresses.Good.PostalCode + "</Zip>"
	send("geocoding", "POST", "/geocodeRequest", tag("RequestAddress", address))
	name := send("", "POST", "/lidbs", tag("LidbOrder", "<CustomerOrderId>K2</CustomerOrderId>", tag("LidbTnGroups", tag("LidbTnGroup", numbers, "<SubscriberInformation>ACME</SubscriberInformation><UseType>BUSINESS</UseType><Visibility>PUBLIC</Visibility>"))))
	send("", "POST", "/e911s", tag("E911Order", "<CustomerOrderId>K3</CustomerOrderId>", numbers, "<CallerName>ACME</CallerName>", tag("Address", address)))
	send("", "POST", "/e911s", tag("E911Order", "<CustomerOrderId>K4</CustomerOrderId><CallerName>ACME</CallerName>", tag("Address", address), tag("AlternateEndUserIdentifiers", tag("AlternateEndUserIdentifier",
		"<CallbackNumber>"+tn+"</CallbackNumber><Identifier>laptop1</Identifier><PIDFLOEnabled>false</PIDFLOEnabled>"))))
	stage.Advance(7 * 24 * time.Hour)
	send("names", "GET", "/lidbs?tn="+strings.ReplaceAll(tn, "+", "%2B"), "")
	send("name", "GET", "/lidbs/"+name, "")
	send("endpoints", "GET", "/aeuis?page=1&size=10", "")
	send("endpoint", "GET", "/aeuis/laptop1", "")
	send("numbers", "GET", "./tns?accountId="+bandwidthtest.Account+"&page=1&size=10", "")
	send("number", "GET", "./tns/"+tn+"/tndetails", "")

	other := world.Elsewhere.One[0].String()
	send("port check", "POST", "/lnpchecker?fullCheck=offnetportability", tag("NumberPortabilityRequest", tag("TnList", tag("Tn", other))))
	port := send("port", "POST", "/portins", tag("LnpOrder", "<CustomerOrderId>K5</CustomerOrderId><BillingTelephoneNumber>"+other+"</BillingTelephoneNumber><SiteId>743</SiteId>",
		tag("Subscriber", "<SubscriberType>BUSINESS</SubscriberType><BusinessName>River Bakery</BusinessName>", tag("ServiceAddress", address)), "<LoaAuthorizingPerson>Erika Beispiel</LoaAuthorizingPerson>",
		tag("WirelessInfo", "<AccountNumber>1</AccountNumber>"), tag("ListOfPhoneNumbers", tag("PhoneNumber", other)), "<ProcessingStatus>DRAFT</ProcessingStatus>"))
	send("ports", "GET", "/portins?page=1&size=10", "")
	send("", "POST", "/portins/"+port+"/notes", tag("Note", "<UserId>fake-user</UserId><Description>hello</Description>"))
	send("notes", "GET", "/portins/"+port+"/notes", "")
	letter, err := world.Document().Open()
	require.NoError(t, err)
	loa, err := io.ReadAll(letter)
	require.NoError(t, err)
	require.NoError(t, letter.Close())
	send("", "POST", "/portins/"+port+"/loas?documentType=LOA", string(loa), "Content-Type", "application/pdf")
	send("documents", "GET", "/portins/"+port+"/loas", "")

	stage.AskPortOut(world.Ours()[0])
	send("", "GET", "/portouts?page=1&size=10", "")
	send("port-out", "GET", "/portouts/"+string(stage.Carrier.Book().PortOuts[0].Ref), "")
	send("", "POST", "/disconnects", tag("DisconnectTelephoneNumberOrder", "<CustomerOrderId>K6</CustomerOrderId>", tag("DisconnectTelephoneNumberOrderType", explicit)))
	send("disconnects", "GET", "/disconnects?page=1&size=10", "")
	return out
}
