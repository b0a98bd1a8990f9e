package bandwidthtest

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

const lidb = "LidbOrder/LidbTnGroups/LidbTnGroup/"

var lidbSchema = append(below("LidbOrder", "CustomerOrderId", "LidbTnGroups"),
	below("LidbOrder/LidbTnGroups/LidbTnGroup", "TelephoneNumbers", "TelephoneNumbers/TelephoneNumber!", "SubscriberInformation!", "UseType!", "Visibility!")...)

// storedWords are the statuses of a stored name.
var storedWords = map[provider.NameState]string{
	provider.NameWaiting: "Pending", provider.NameInReview: "Pending", provider.NameListed: "Success", provider.NameReadBack: "Success", provider.NameRefused: "Failed",
}

// setName takes one group a request: two names are two orders.
func (s *Server) setName(w http.ResponseWriter, r *http.Request) error {
	f, err := read(r, lidbSchema)
	if err != nil {
		return err
	}
	ns, err := f.numbers(lidb+"TelephoneNumbers/TelephoneNumber", "5070")
	switch use, sight := f.str(lidb+"UseType"), f.str(lidb+"Visibility"); {
	case err != nil:
		return err
	case len(f[lidb+"SubscriberInformation"]) > 1:
		return bad("11000", "This fake takes one group in an order")
	case use != "BUSINESS" && use != "RESIDENTIAL":
		return bad("11006", "Use type must be one of the following - BUSINESS, RESIDENTIAL")
	case sight != "PUBLIC" && sight != "PRIVATE":
		return bad("11007", "Visibility must be one of the following - PUBLIC, PRIVATE")
	case len(f.str(lidb+"SubscriberInformation")) > 15:
		return bad("11005", "Subscriber information is too long")
	case slices.ContainsFunc(ns, nanp.Number.TollFree):
		return bad("11015", "Toll free numbers are not supported")
	case !label(f.str("LidbOrder/CustomerOrderId")):
		return bad("5052", "The Customer Order Id is invalid.")
	}
	key := s.keyOf("lidbs", f.str("LidbOrder/CustomerOrderId"), f)
	o, err := s.caps.Names.SetName(r.Context(), provider.NameRequest{Key: key, Name: f.str(lidb + "SubscriberInformation"), Numbers: ns})
	if err != nil {
		return err
	}
	location(w, r, string(o.Ref))
	status := "RECEIVED"
	if word := nameStatus(o); known(word) == "" {
		status = word
	}
	write(w, http.StatusCreated, tag("LidbOrderResponse", lidbXML(o, f, status, "orderId")))
	return nil
}

var lidbWords = []string{"RECEIVED", "PROCESSING", "COMPLETE", "PARTIAL", "FAILED"}

func known(word string) string {
	if slices.Contains(lidbWords, word) {
		return word
	}
	return ""
}

func nameStatus(o provider.NameOrder) string {
	count := map[provider.NameState]int{}
	for _, it := range o.Items {
		count[it.State]++
	}
	refused := count[provider.NameRefused]
	switch {
	case count[provider.NameUnclear] > 0:
		return string(o.Said.Raw)
	case count[provider.NameWaiting]+count[provider.NameInReview] > 0:
		return "PROCESSING"
	case refused == len(o.Items):
		return "FAILED"
	case refused > 0:
		return "PARTIAL"
	}
	return "COMPLETE"
}

func lidbXML(o provider.NameOrder, f form, status, idName string) string {
	problems := each(o.Items, func(it provider.NameItem) string {
		if it.State != provider.NameRefused || it.Err == nil {
			return ""
		}
		no, ok := resourceCodes["lidbs"][it.Err.Kind]
		if !ok {
			no = refusal{0, "11020", "Cannot add LIDB to a telephone number that already has LIDB or is in process"}
		}
		return tag("Error", telephoneNumber(it.Number), text("Code", no.code), text("Description", no.words))
	})
	return tag("LidbOrder", text("CustomerOrderId", f.str("LidbOrder/CustomerOrderId")), text(idName, string(o.Ref)), text("ProcessingStatus", status), tag("ErrorList", problems),
		tag("LidbTnGroups", tag("LidbTnGroup", tag("TelephoneNumbers", each(o.Items, func(it provider.NameItem) string { return telephoneNumber(it.Number) })),
			text("SubscriberInformation", f.str(lidb+"SubscriberInformation")), text("UseType", f.str(lidb+"UseType")), text("Visibility", f.str(lidb+"Visibility")))))
}

func (s *Server) getName(w http.ResponseWriter, r *http.Request) error {
	ref := provider.Ref(r.PathValue("id"))
	f, err := s.caps.Names.TrackName(r.Context(), provider.Trace{Ref: ref})
	if err != nil {
		return err
	}
	if f.Verdict != provider.Found {
		return &refusal{http.StatusNotFound, "", "The resource does not exist"}
	}
	write(w, http.StatusOK, lidbXML(f.Value, s.formOf("lidbs", s.keyAt(ref)), nameStatus(f.Value), "orderId"))
	return nil
}

// keyAt is the key under which the engine booked a reference.
func (s *Server) keyAt(ref provider.Ref) provider.Key {
	for _, e := range s.book().Events {
		if e.Ref == ref && e.Key != "" {
			return e.Key
		}
	}
	return ""
}

// booked lists what has taken effect by now, by operations and a condition.
func (s *Server) booked(keep func(key provider.Key, ns []nanp.Number) bool, ops ...provider.Op) []string {
	var out []string
	for _, e := range s.book().Events {
		if slices.Contains(ops, e.Op) && e.Ref != "" && !e.At.After(s.cfg.Now()) && keep(e.Key, e.Numbers) && !slices.Contains(out, string(e.Ref)) {
			out = append(out, string(e.Ref))
		}
	}
	return out
}

// listNames lists the orders of a number; there is no other way to find one.
func (s *Server) listNames(w http.ResponseWriter, r *http.Request) error {
	n, err := nanp.Parse(r.URL.Query().Get("tn"))
	if err != nil {
		return bad("5070", "Telephone number is invalid.")
	}
	ids := s.booked(func(_ provider.Key, ns []nanp.Number) bool { return slices.Contains(ns, n) }, provider.OpSetName)
	if len(ids) == 0 {
		w.WriteHeader(http.StatusNotFound)
		return nil
	}
	write(w, http.StatusOK, tag("ResponseSelectWrapper", tag("ListOrderIdUserIdDate", text("TotalCount", strconv.Itoa(len(ids))), each(ids, func(id string) string {
		return tag("OrderIdUserIdDate", text("accountId", s.cfg.Account), text("OrderType", "lidb"), text("orderId", id), tag("TelephoneNumberDetails"))
	}))))
	return nil
}

func lidbFeature(it provider.NameItem) string {
	word, ok := storedWords[it.State]
	switch {
	case it.State == provider.NameNone:
		return ""
	case !ok:
		word = string(it.Said.Raw)
	}
	return tag("Lidb", text("Status", word), text("SubscriberInformation", it.Name), text("UseType", "BUSINESS"), text("Visibility", "PUBLIC"))
}
