package bandwidthtest

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// reserve takes one number a call, and names the reservation in Location only.
func (s *Server) reserve(w http.ResponseWriter, r *http.Request) error {
	f, err := read(r, schema{"Reservation", "Reservation/ReservedTn!"})
	if err != nil {
		return err
	}
	ns, err := f.numbers("Reservation/ReservedTn", "5040")
	if err != nil {
		return err
	}
	if len(ns) != 1 {
		return bad("5040", "One telephone number is reserved at a time.")
	}
	held, err := s.caps.Holds.Hold(r.Context(), s.key(), ns)
	if err != nil {
		return err
	}
	location(w, r, string(held[0].Ref))
	w.WriteHeader(http.StatusCreated)
	return nil
}

func (s *Server) reservation(w http.ResponseWriter, r *http.Request) error {
	f, err := s.caps.Holds.TrackHold(r.Context(), provider.Trace{Ref: provider.Ref(r.PathValue("id"))})
	if err != nil {
		return err
	}
	if f.Verdict != provider.Found || len(f.Value) == 0 || !s.cfg.Now().Before(f.Value[0].Until) {
		return &refusal{http.StatusNotFound, "", "The resource does not exist"}
	}
	write(w, http.StatusOK, s.reservationXML(f.Value[0]))
	return nil
}

func (s *Server) reservationXML(h provider.Hold) string {
	left := h.Until.Sub(s.cfg.Now()) / time.Second
	return tag("ReservationResponse", tag("Reservation", text("ReservationId", string(h.Ref)), text("AccountId", s.cfg.Account),
		text("ReservationExpires", strconv.FormatInt(int64(max(left, 0)), 10)), text("ReservedTn", h.Number.String())))
}

func (s *Server) unreserve(w http.ResponseWriter, r *http.Request) error {
	ref := provider.Ref(r.PathValue("id"))
	if err := s.caps.Holds.Unhold(r.Context(), ref); err != nil {
		return err
	}
	write(w, http.StatusOK, tag("ReservationResponse", tag("Reservation", text("ReservationId", string(ref)), text("AccountId", s.cfg.Account))))
	return nil
}

var orderSchema = append(below("Order", "CustomerOrderId", "Name", "SiteId!", "PeerId", "PartialAllowed", "BackOrderRequested", "TnAttributes", "TnAttributes/TnAttribute"),
	below("Order/ExistingTelephoneNumberOrderType", "TelephoneNumberList", "TelephoneNumberList/TelephoneNumber!", "ReservationIdList", "ReservationIdList/ReservationId")...)

// order takes explicit numbers. The wrapper element is mandatory.
func (s *Server) order(w http.ResponseWriter, r *http.Request) error {
	f, err := read(r, orderSchema)
	if err != nil {
		return err
	}
	const list = "Order/ExistingTelephoneNumberOrderType/"
	ns, err := f.numbers(list+"TelephoneNumberList/TelephoneNumber", "5070")
	switch {
	case err != nil:
		return err
	case f.str("Order/SiteId") != s.cfg.Site:
		return bad("5016", "The SiteId submitted is invalid.")
	case f.str("Order/PeerId") != "" && f.str("Order/PeerId") != s.cfg.Peer:
		return bad("5023", "The SIP Peer submitted is invalid.")
	case f.is("Order/BackOrderRequested"):
		return bad("5017", "Backorders are not possible for existing numbers")
	case !label(f.str("Order/CustomerOrderId")):
		return bad("5052", "The Customer Order Id is invalid.")
	}
	key := s.keyOf("orders", f.str("Order/CustomerOrderId"), f)
	req := provider.OrderRequest{Key: key, Partial: f.is("Order/PartialAllowed")}
	holds := f[list+"ReservationIdList/ReservationId"]
	for _, n := range ns {
		req.Lines = append(req.Lines, provider.OrderLine{Number: n, Hold: s.holdOf(r.Context(), n, holds)})
	}
	o, err := s.caps.Orders.Place(r.Context(), req)
	if err != nil {
		return err
	}
	location(w, r, string(o.Ref))
	status := "RECEIVED"
	if allUnclear(o) {
		status = string(o.Said.Raw)
	}
	write(w, http.StatusCreated, tag("OrderResponse", orderXML(o, f, s.cfg.Now()), text("OrderStatus", status)))
	return nil
}

// label is what a CustomerOrderId may be: letters, digits, dashes and spaces, 40 at most.
func label(s string) bool {
	return len(s) <= 40 && !slices.ContainsFunc([]rune(s), func(c rune) bool {
		return !(c == '-' || c == ' ' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z')
	})
}

// keyOf is the key at the engine: the label, or one made up where there is none.
// What was sent under it is remembered before it is.
func (s *Server) keyOf(resource, label string, f form) provider.Key {
	key := provider.Key(label)
	if key.Validate() != nil {
		key = s.key()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forms[resource+" "+string(key)] = f
	return key
}

func (s *Server) formOf(resource string, key provider.Key) form {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.forms[resource+" "+string(key)]
}

// holdOf finds the reservation of a number among those of an order.
func (s *Server) holdOf(ctx context.Context, n nanp.Number, refs []string) provider.Ref {
	for _, ref := range refs {
		f, err := s.caps.Holds.TrackHold(ctx, provider.Trace{Ref: provider.Ref(ref)})
		if err == nil && f.Verdict == provider.Found && f.Value[0].Number == n {
			return provider.Ref(ref)
		}
	}
	return ""
}

func orderXML(o provider.Order, f form, at time.Time) string {
	return tag("Order", text("CustomerOrderId", f.str("Order/CustomerOrderId")), text("Name", f.str("Order/Name")), text("OrderCreateDate", stamp(at)),
		text("PeerId", f.str("Order/PeerId")), text("BackOrderRequested", "false"), text("id", string(o.Ref)),
		tag("ExistingTelephoneNumberOrderType", tag("TelephoneNumberList", each(o.Items, func(it provider.OrderItem) string { return telephoneNumber(it.Number) }))),
		text("PartialAllowed", f.str("Order/PartialAllowed")), text("SiteId", f.str("Order/SiteId")))
}

func allUnclear(o provider.Order) bool {
	return len(o.Items) > 0 && !slices.ContainsFunc(o.Items, func(it provider.OrderItem) bool { return it.State != provider.ItemUnclear })
}

// orderStatus is the carrier's word for what the engine's items come to.
func orderStatus(o provider.Order) string {
	count := map[provider.ItemState]int{}
	for _, it := range o.Items {
		count[it.State]++
	}
	done := count[provider.ItemAssigned] + count[provider.ItemLive] + count[provider.ItemGone]
	switch {
	case count[provider.ItemUnclear] > 0:
		return string(o.Said.Raw)
	case count[provider.ItemWaiting] > 0:
		return "PROCESSING"
	case count[provider.ItemBackordered] > 0:
		return "BACKORDERED"
	case done == 0:
		return "FAILED"
	case done < len(o.Items):
		return "PARTIAL"
	}
	return "COMPLETE"
}

// itemCodes are the errors of single numbers of an order.
var itemCodes = map[provider.Kind]refusal{
	provider.NumberTaken:  {0, "5005", "The telephone number is unavailable for ordering"},
	provider.Precondition: {0, "5019", "The telephone number could not be ordered"},
	provider.NotYours:     {0, "5006", "Telephone number could not be disconnected since it is not associated with your account"},
	provider.Conflict:     {0, "5012", "Telephone number is locked"},
}

func itemErrors(o provider.Order) string {
	return each(o.Items, func(it provider.OrderItem) string {
		if it.State != provider.ItemRefused || it.Err == nil {
			return ""
		}
		no := itemCodes[it.Err.Kind]
		return tag("Error", text("Code", no.code), text("Description", no.words), telephoneNumber(it.Number))
	})
}

func (s *Server) getOrder(w http.ResponseWriter, r *http.Request) error {
	return s.showOrder(w, r, provider.Ref(r.PathValue("id")))
}

func (s *Server) showOrder(w http.ResponseWriter, r *http.Request, ref provider.Ref) error {
	f, err := s.caps.Orders.Track(r.Context(), provider.Trace{Ref: ref})
	if err != nil {
		return err
	}
	if f.Verdict != provider.Found {
		return &refusal{http.StatusNotFound, "", "The resource does not exist"}
	}
	o := f.Value
	status := orderStatus(o)
	done, failed := "", 0
	for _, it := range o.Items {
		switch it.State {
		case provider.ItemAssigned, provider.ItemLive, provider.ItemGone:
			done += tag("TelephoneNumber", text("FullNumber", it.Number.String()))
		case provider.ItemRefused:
			failed++
		}
	}
	write(w, http.StatusOK, tag("OrderResponse", text("CreatedByUser", "fake"), tag("ErrorList", itemErrors(o)), orderXML(o, s.formOf("orders", o.Key), f.AsOf),
		text("OrderStatus", status), tag("CompletedNumbers", done), text("FailedQuantity", strconv.Itoa(failed))))
	return nil
}

// listOrders looks through the ledger, in which an order stands from its arrival on.
func (s *Server) listOrders(w http.ResponseWriter, r *http.Request) error {
	return s.listBooked(w, r, provider.OpPlace, r.URL.Query().Get("customerOrderId"))
}

func (s *Server) listBooked(w http.ResponseWriter, r *http.Request, op provider.Op, label string) error {
	p, err := pageOf(r, 1000)
	if err != nil {
		return err
	}
	var ids []string
	for _, o := range s.book().Orders {
		since := r.URL.Query().Get("startdate")
		if o.Op == op && !o.At.After(s.cfg.Now()) && (label == "" || string(o.Key) == label) && o.At.UTC().Format(time.DateOnly) >= since {
			ids = append(ids, string(o.Ref))
		}
	}
	if len(ids) == 0 {
		return &refusal{http.StatusNotFound, "", "The resource does not exist"} // a list of nothing is a 404 here
	}
	name := "orderId"
	if op == provider.OpReturn {
		name = "OrderId" // as the carrier writes it there
	}
	write(w, http.StatusOK, tag("ResponseSelectWrapper", tag("ListOrderIdUserIdDate", text("TotalCount", strconv.Itoa(len(ids))),
		each(ids[:min(len(ids), p.Limit)], func(id string) string {
			return tag("OrderIdUserIdDate", text("CountOfTNs", "1"), text("userId", "fake"), text(name, id))
		}))))
	return nil
}

// putOrder closes an order: all else that can be changed is its name and label.
func (s *Server) putOrder(w http.ResponseWriter, r *http.Request) error {
	f, err := read(r, below("Order", "Name", "CustomerOrderId", "CloseOrder"))
	if err != nil {
		return err
	}
	ref := provider.Ref(r.PathValue("id"))
	if f.is("Order/CloseOrder") {
		if _, err := s.caps.OrderClose.CloseOrder(r.Context(), s.key(), ref); err != nil {
			return err
		}
	}
	w.WriteHeader(http.StatusOK)
	return nil
}

var disconnectSchema = append(below("DisconnectTelephoneNumberOrder", "Name", "CustomerOrderId"),
	below("DisconnectTelephoneNumberOrder/DisconnectTelephoneNumberOrderType", "TelephoneNumberList", "TelephoneNumberList/TelephoneNumber!", "DisconnectMode", "Protected")...)

func (s *Server) disconnect(w http.ResponseWriter, r *http.Request) error {
	f, err := read(r, disconnectSchema)
	if err != nil {
		return err
	}
	const root = "DisconnectTelephoneNumberOrder/"
	ns, err := f.numbers(root+"DisconnectTelephoneNumberOrderType/TelephoneNumberList/TelephoneNumber", "5070")
	switch mode := f.str(root + "DisconnectTelephoneNumberOrderType/DisconnectMode"); {
	case err != nil:
		return err
	case mode != "" && mode != "normal":
		return bad("5084", "The disconnect mode is not allowed")
	case !label(f.str(root + "CustomerOrderId")):
		return bad("5052", "The Customer Order Id is invalid.")
	}
	key := s.keyOf("disconnects", f.str(root+"CustomerOrderId"), f)
	o, err := s.caps.Return.Return(r.Context(), provider.ReturnRequest{Key: key, Numbers: ns})
	if err != nil {
		return err
	}
	location(w, r, string(o.Ref))
	status := "RECEIVED"
	if allUnclear(o) {
		status = string(o.Said.Raw)
	}
	write(w, http.StatusCreated, s.disconnectXML(o, status))
	return nil
}

func (s *Server) disconnectXML(o provider.Order, status string) string {
	f := s.formOf("disconnects", o.Key)
	return tag("DisconnectTelephoneNumberOrderResponse", tag("ErrorList", itemErrors(o)), tag("orderRequest",
		text("CustomerOrderId", f.str("DisconnectTelephoneNumberOrder/CustomerOrderId")), text("id", string(o.Ref)),
		tag("DisconnectTelephoneNumberOrderType", tag("TelephoneNumberList", each(o.Items, func(it provider.OrderItem) string { return telephoneNumber(it.Number) })),
			text("DisconnectMode", "normal"))), text("OrderStatus", status))
}

func (s *Server) getDisconnect(w http.ResponseWriter, r *http.Request) error {
	f, err := s.caps.Return.TrackReturn(r.Context(), provider.Trace{Ref: provider.Ref(r.PathValue("id"))})
	if err != nil {
		return err
	}
	if f.Verdict != provider.Found {
		return &refusal{http.StatusNotFound, "", "The resource does not exist"}
	}
	write(w, http.StatusOK, s.disconnectXML(f.Value, disconnectStatus(f.Value)))
	return nil
}

func disconnectStatus(o provider.Order) string {
	open := slices.ContainsFunc(o.Items, func(it provider.OrderItem) bool { return !it.State.Final() })
	if open && !allUnclear(o) {
		return "PROCESSING"
	}
	return orderStatus(o)
}

func (s *Server) listDisconnects(w http.ResponseWriter, r *http.Request) error {
	return s.listBooked(w, r, provider.OpReturn, "")
}
