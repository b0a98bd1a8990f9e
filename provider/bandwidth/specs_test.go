package bandwidth

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

const (
	nodeBodies = "node-numbers_test_xml.json"
	rubyBodies = "ruby-bandwidth-iris_spec_xml.yml"
)

// answered is an answer of the carrier with a body.
func answered(t testing.TB, body string) reply {
	t.Helper()
	var e element
	require.NoError(t, xml.Unmarshal([]byte(body), &e))
	return reply{&e, carrierhttp.Response{Status: http.StatusOK}}
}

func numbers(t testing.TB, s ...string) []nanp.Number {
	t.Helper()
	out := make([]nanp.Number, len(s))
	for i, x := range s {
		n, err := nanp.Parse(x)
		require.NoError(t, err)
		out[i] = n
	}
	return out
}

// bodies are the carrier's own, each with what it has to come to.
var bodies = map[string]func(t *testing.T, r reply){
	nodeBodies + "/availableNumbers": func(t *testing.T, r reply) {
		o := offersIn(r.doc) // its second number has nine digits
		require.Len(t, o, 1)
		require.Equal(t, provider.Offer{Number: numbers(t, "2012001555")[0], State: "NJ", City: "JERSEY CITY", RateCenter: "JERSEYCITY", Holdable: true}, o[0])
	},
	rubyBodies + "/available_numbers": func(t *testing.T, r reply) { require.Empty(t, offersIn(r.doc)) }, // places without numbers
	rubyBodies + "/available_number_details": func(t *testing.T, r reply) {
		o := offersIn(r.doc)
		require.Len(t, o, 5)
		require.Equal(t, "RIDGEWOOD", o[0].City)
	},
	nodeBodies + "/availableNpaNxx":   noCodes,
	rubyBodies + "/available_npa_nxx": noCodes,
	nodeBodies + "/cities":            twoCities,
	rubyBodies + "/cities":            twoCities,
	nodeBodies + "/tnReservation":     func(t *testing.T, r reply) { require.False(t, holdIn(r, "1").Number.Valid()) },
	rubyBodies + "/tn_reservation": func(t *testing.T, r reply) {
		h := holdIn(reply{r.doc, carrierhttp.Response{At: time.Unix(0, 0)}}, "e34474d6")
		require.Equal(t, numbers(t, "9198975719")[0], h.Number)
		require.Equal(t, int64(13157), h.Until.Unix())
	},
	nodeBodies + "/order": func(t *testing.T, r reply) {
		o := orderIn(r, nil)
		require.Equal(t, provider.Ref("101"), o.Ref)
		require.Equal(t, provider.Key("11"), o.Key)
		require.Empty(t, o.Items)
	},
	rubyBodies + "/orders": func(t *testing.T, r reply) {
		require.Equal(t, provider.Ref("101"), orderIn(r, nil).Ref)
		require.Equal(t, []string{"101"}, orderIDs(r.doc), "a list of orders has names of its own")
	},
	rubyBodies + "/create_order_response": func(t *testing.T, r reply) {
		o := orderIn(r, numbers(t, "5015550101"))
		require.Equal(t, provider.Ref("a7af704e-2ec0-4c4d-9dc5-1b77fa62c92a"), o.Ref)
		require.Equal(t, provider.ItemWaiting, o.Items[0].State)
	},
	rubyBodies + "/order": func(t *testing.T, r reply) {
		o := orderIn(r, nil)
		require.Equal(t, provider.Raw("COMPLETE"), o.Said.Raw)
		it, ok := o.Item(numbers(t, "9194464166")[0])
		require.True(t, ok)
		require.Equal(t, provider.ItemAssigned, it.State, "complete is ours; that it takes calls the number says")
	},
	nodeBodies + "/tns":        twoNumbers,
	rubyBodies + "/tns":        twoNumbers,
	nodeBodies + "/tnDetails":  oneNumber,
	rubyBodies + "/tn_details": oneNumber,
	nodeBodies + "/disconnects": func(t *testing.T, r reply) {
		require.Equal(t, []string{"6d7da966-e071-4741-b31c-1d8932f4b8da", "4ffe9262-1965-4479-a1d5-b8584440667d"}, orderIDs(r.doc))
	},
	nodeBodies + "/lidbs": twoNameOrders,
	rubyBodies + "/lidbs": twoNameOrders,
	nodeBodies + "/lidb":  oneNameOrder,
	rubyBodies + "/lidb":  oneNameOrder,
	nodeBodies + "/geocode": func(t *testing.T, r reply) {
		a := civicIn(r.doc.kid("GeocodedAddress"))
		require.Equal(t, "1 Street Name", a.StreetLine())
		require.Equal(t, "US", a.Country)
		require.Equal(t, "ZipCode-1234", a.PostalCode)
	},
	rubyBodies + "/aeuis": func(t *testing.T, r reply) {
		var ids []provider.Ref
		for in := range r.doc.kid("AlternateEndUserIdentifiers").all("AlternateEndUserIdentifier") {
			ids = append(ids, listedEndpoint(r, in).Ref)
		}
		require.Equal(t, []provider.Ref{"DavidAcid", "JohnAcid"}, ids)
		require.Empty(t, next(r.doc))
	},
	rubyBodies + "/aeui": func(t *testing.T, r reply) {
		e := listedEndpoint(r, r.doc.find("AlternateEndUserIdentifier"))
		require.Equal(t, numbers(t, "8042105760")[0], e.Callback)
		require.Equal(t, "900 MAIN CAMPUS DR", e.Address.StreetLine())
		require.Equal(t, "27606-5214", e.Address.PostalCode)
	},
	nodeBodies + "/lnpCheck":  checkedPorts,
	rubyBodies + "/lnp_check": checkedPorts,
	nodeBodies + "/portIn":    onePort,
	rubyBodies + "/port_in":   onePort,
	rubyBodies + "/port_ins": func(t *testing.T, r reply) {
		require.Equal(t, []string{"ab03375f-e0a9-47f8-bd31-6d8435454a6b", "b2190bcc-0272-4a51-ba56-7c3d628e8706"}, orderIDs(r.doc))
	},
	nodeBodies + "/notes": twoNotes,
	rubyBodies + "/notes": twoNotes,
	nodeBodies + "/portOut": func(t *testing.T, r reply) {
		out := portOutsIn(r, provider.PortOut{Ref: "1"})
		require.Len(t, out, 1)
		require.Equal(t, "512E", out[0].To)
		require.Equal(t, provider.Raw("NEW"), out[0].Said.Raw)
	},
	nodeBodies + "/fileCreated":  func(t *testing.T, r reply) { require.Equal(t, "test.txt", r.doc.str("filename")) },
	rubyBodies + "/file_created": func(t *testing.T, r reply) { require.Equal(t, "test.txt", r.doc.str("filename")) },
}

func noCodes(t *testing.T, r reply) {
	require.Equal(t, "Npa2", r.doc.kid("AvailableNpaNxxList").kids[1].str("Npa"))
	require.Empty(t, codesIn(r.doc, "NC"), "its area codes are placeholders")
}

func twoCities(t *testing.T, r reply) {
	require.Equal(t, []provider.Place{{State: "NC", City: "ABERDEEN", RateCenter: "SOUTHEPINS"}, {State: "NC", City: "ADVANCE", RateCenter: "JULIAN"}}, citiesIn(r.doc, "NC"))
}

func twoNumbers(t *testing.T, r reply) {
	var got []provider.Owned
	for in := range r.doc.kid("TelephoneNumbers").all("TelephoneNumber") {
		got = append(got, ownedIn(r, in))
	}
	require.Len(t, got, 2)
	require.Equal(t, numbers(t, "9192381139")[0], got[1].Number)
	require.Equal(t, provider.ItemLive, got[1].State)
	require.Empty(t, next(r.doc), "an empty link is the end")
	require.True(t, listsNumbers(r))
	require.False(t, whole(r), "it counts five and shows two")
}

func oneNumber(t *testing.T, r reply) {
	in := r.doc.find("TelephoneNumberDetails")
	o := ownedIn(r, in)
	require.Equal(t, provider.ItemLive, o.State)
	require.True(t, o.Locked)
	require.Equal(t, "Fred", in.str("Features", "Lidb", "SubscriberInformation"))
	require.Equal(t, provider.RegActive, heldWords[strings.ToUpper(in.str("Features", "E911", "Status"))])
	require.Equal(t, provider.NameWaiting, storedWords[provider.Raw(in.str("Features", "Lidb", "Status"))])
}

func twoNameOrders(t *testing.T, r reply) {
	require.Equal(t, []string{"abe36738-6929-4c6f-926c-88e534e2d46f", "ba5b6297-139b-4430-aab0-9ff02c4362f4"}, orderIDs(r.doc))
}

func oneNameOrder(t *testing.T, r reply) {
	o := namesIn(r, nil)
	require.Equal(t, provider.Ref("255bda29-fc57-44e8-a6c2-59b45388c6d0"), o.Ref)
	require.Len(t, o.Items, 5)
	for _, it := range o.Items {
		require.Equal(t, provider.NameWaiting, it.State)
		require.Empty(t, it.Name, "it is not listed yet")
	}
}

func checkedPorts(t *testing.T, r reply) {
	require.Equal(t, "Center1", r.doc.find("RateCenterGroup").str("RateCenter"))
	got := portChecks(r, numbers(t, "5015550101"))
	require.False(t, got[0].Portable, "what is not listed is not portable")
}

func onePort(t *testing.T, r reply) {
	o := portIn(r, nil)
	require.Equal(t, provider.PortNeedsDocument, o.State)
	require.Len(t, o.Needs, 1)
	require.Empty(t, o.Reasons, "the status of the answer is no error")
	require.Equal(t, numbers(t, "6882015025", "6882015026"), []nanp.Number{o.Items[0].Number, o.Items[1].Number})
	require.Equal(t, "Acme Corporation", r.doc.str("Subscriber", "BusinessName"))
}

func twoNotes(t *testing.T, r reply) {
	var at []time.Time
	for n := range r.doc.all("Note") {
		at = append(at, instant(n.str("LastDateModifier")))
	}
	require.Equal(t, []time.Time{time.Date(2014, 11, 20, 7, 8, 47, 0, time.UTC), time.Date(2014, 11, 20, 7, 11, 36, 0, time.UTC)}, at)
}

// TestSpecBodies reads the carrier's own bodies, which are not part of this
// repository.
func TestSpecBodies(t *testing.T) {
	dir := os.Getenv("NUMBERDESK_SPECS")
	if dir == "" {
		t.Skip("NUMBERDESK_SPECS names no folder with the carriers' specifications")
	}
	if _, err := os.Stat(filepath.Join(dir, nodeBodies)); err != nil {
		dir = filepath.Join(dir, "bandwidth")
	}
	all := map[string]string{}
	readNode(t, filepath.Join(dir, nodeBodies), all)
	readRuby(t, filepath.Join(dir, rubyBodies), all)
	for id, check := range bodies {
		t.Run(id, func(t *testing.T) {
			body, there := all[id]
			require.True(t, there, "the file does not have it")
			check(t, answered(t, body))
		})
	}
}

func readNode(t *testing.T, path string, into map[string]string) {
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	var m map[string]string
	require.NoError(t, json.Unmarshal(b, &m))
	for k, v := range m {
		into[nodeBodies+"/"+k] = v
	}
}

// readRuby reads the one form of YAML that the file has: a key and a quoted text on
// each line.
func readRuby(t *testing.T, path string, into map[string]string) {
	b, err := os.ReadFile(path)
	require.NoError(t, err)
	for line := range strings.Lines(string(b)) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok || value == "" {
			continue
		}
		if value[0] == '\'' {
			value = strings.ReplaceAll(strings.Trim(value, "'"), "''", "'")
		} else if value, err = strconv.Unquote(value); err != nil {
			t.Fatalf("%s: %v", key, err)
		}
		into[rubyBodies+"/"+key] = value
	}
}
