package bandwidthtest

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
)

// numberWords are the statuses of numbers.
var numberWords = map[provider.ItemState]string{provider.ItemLive: "Inservice", provider.ItemAssigned: "InAccount", provider.ItemGone: "Aging"}

func numberStatus(o provider.Owned) string {
	if w := numberWords[o.State]; w != "" {
		return w
	}
	return string(o.Said.Raw)
}

func (s *Server) numberXML(o provider.Owned) string {
	return text("State", o.Number.State()) + text("FullNumber", o.Number.String()) + text("Tier", "0") + text("Status", numberStatus(o)) + text("AccountId", s.cfg.Account)
}

func (s *Server) listNumbers(w http.ResponseWriter, r *http.Request) error {
	if r.URL.Query().Get("accountId") != s.cfg.Account {
		return &refusal{http.StatusForbidden, "1001", "Access Denied"}
	}
	p, err := pageOf(r, 2500)
	if err != nil {
		return err
	}
	found, err := s.caps.Owned.ListOwned(r.Context(), p)
	if err != nil {
		return err
	}
	write(w, http.StatusOK, tag("TelephoneNumbersResponse", text("TelephoneNumberCount", strconv.Itoa(len(found.Items))), numberLinks(r, found.Next),
		tag("TelephoneNumbers", each(found.Items, func(o provider.Owned) string { return tag("TelephoneNumber", s.numberXML(o)) }))))
	return nil
}

// numberLinks has an empty next link on the last page, as the carrier's examples.
func numberLinks(r *http.Request, next string) string {
	if next == "" {
		return tag("Links", tag("first"), tag("next"))
	}
	return links(r, next)
}

// askNumbers tells what many numbers are at.
func (s *Server) askNumbers(w http.ResponseWriter, r *http.Request) error {
	f, err := read(r, schema{"TnList", "TnList/Tn!"})
	if err != nil {
		return err
	}
	ns, err := f.numbers("TnList/Tn", "15608")
	switch {
	case err != nil:
		return err
	case len(ns) > 2500:
		return bad("15607", "The count of Telephone numbers in POST body exceeds the maximum size of 2500")
	}
	var here, none []string
	for _, n := range ns {
		o, err := s.caps.Owned.Owned(r.Context(), n)
		switch {
		case err == nil:
			here = append(here, tag("TelephoneNumber", s.numberXML(o)))
		case errors.Is(err, provider.NotFound) && s.returned(n):
			here = append(here, tag("TelephoneNumber", s.numberXML(provider.Owned{Number: n, State: provider.ItemGone})))
		case errors.Is(err, provider.NotFound):
			none = append(none, telephoneNumber(n))
		default:
			return err
		}
	}
	problem := ""
	if len(none) > 0 {
		problem = tag("ErrorList", tag("Error", text("Code", "15610"), text("Description", "Telephone Numbers cannot be found on accounts"), tag("TelephoneNumbers", strings.Join(none, ""))))
	}
	write(w, http.StatusOK, tag("TelephoneNumbersResponse", text("TelephoneNumberCount", strconv.Itoa(len(here))), tag("TelephoneNumbers", here...), problem))
	return nil
}

// returned reports whether the account gave the number back: it ages.
func (s *Server) returned(n nanp.Number) bool {
	for _, o := range s.book().Orders {
		for _, l := range o.Lines {
			if o.Op == provider.OpReturn && l.Number == n && l.State == provider.ItemGone && !l.At.After(s.cfg.Now()) {
				return true
			}
		}
	}
	return false
}

// details shows a number with its features.
func (s *Server) details(w http.ResponseWriter, r *http.Request) error {
	n, err := nanp.Parse(r.PathValue("tn"))
	if err != nil || n.String() != r.PathValue("tn") {
		return bad("12512", "Telephone number is not valid")
	}
	o, err := s.caps.Owned.Owned(r.Context(), n)
	if err != nil {
		return err
	}
	features, err := s.features(r, n)
	if err != nil {
		return err
	}
	attributes := ""
	if o.Locked {
		attributes = tag("TnAttributes", text("TnAttribute", "Protected"))
	}
	write(w, http.StatusOK, tag("TelephoneNumberResponse", tag("TelephoneNumberDetails", s.numberXML(o), tag("Site", text("Id", s.cfg.Site)),
		tag("SipPeer", text("PeerId", s.cfg.Peer), text("PeerName", "fake")), tag("Features", features), attributes)))
	return nil
}

// features are the caller name and the registration for emergency calls.
func (s *Server) features(r *http.Request, n nanp.Number) (string, error) {
	name, err := s.caps.Names.ReadName(r.Context(), n)
	if err != nil {
		return "", err
	}
	reg, err := s.caps.Emergency.Registration(r.Context(), n)
	if err != nil {
		return "", err
	}
	return e911Feature(reg) + lidbFeature(name), nil
}
