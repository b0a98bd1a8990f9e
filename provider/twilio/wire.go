package twilio

import (
	"encoding/json"
	"strings"

	"github.com/numberdesk/numberdesk/nanp"
)

// The messages as Twilio writes them. A field that is null reads as empty.

// page is one page of a list of either generation of the API.
type page struct {
	NextPageURI string    `json:"next_page_uri"` // 2010: relative to the host
	Numbers     []number  `json:"incoming_phone_numbers"`
	Addresses   []address `json:"addresses"`

	Meta struct {
		NextPageURL string `json:"next_page_url"` // v1: absolute
	} `json:"meta"`
	Results json.RawMessage `json:"results"`
}

// available is a number for sale.
type available struct {
	PhoneNumber string `json:"phone_number"`
	Locality    string `json:"locality"`
	RateCenter  string `json:"rate_center"`
	Region      string `json:"region"`
}

type availablePage struct {
	NextPageURI string      `json:"next_page_uri"`
	Numbers     []available `json:"available_phone_numbers"`
}

// number is an IncomingPhoneNumber: one that is ours.
type number struct {
	SID                    string `json:"sid"`
	PhoneNumber            string `json:"phone_number"`
	FriendlyName           string `json:"friendly_name"`
	Status                 string `json:"status"`
	TrunkSID               string `json:"trunk_sid"`
	VoiceApplicationSID    string `json:"voice_application_sid"`
	VoiceURL               string `json:"voice_url"`
	EmergencyAddressSID    string `json:"emergency_address_sid"`
	EmergencyAddressStatus string `json:"emergency_address_status"`
}

// number reads the number, and the zero value from one of another numbering plan.
func (w number) number() nanp.Number { return plain(w.PhoneNumber) }

// plain reads E.164 as Twilio writes it, and nothing else.
func plain(s string) nanp.Number {
	if n, err := nanp.Parse(s); err == nil && n.String() == s {
		return n
	}
	return 0
}

type address struct {
	SID             string `json:"sid"`
	CustomerName    string `json:"customer_name"`
	FriendlyName    string `json:"friendly_name"`
	Street          string `json:"street"`
	StreetSecondary string `json:"street_secondary"`
	City            string `json:"city"`
	Region          string `json:"region"`
	PostalCode      string `json:"postal_code"`
	IsoCountry      string `json:"iso_country"`
	Created         string `json:"date_created"` // RFC 2822
}

type trustProduct struct {
	SID          string    `json:"sid"`
	FriendlyName string    `json:"friendly_name"`
	PolicySID    string    `json:"policy_sid"`
	Status       string    `json:"status"`
	Email        string    `json:"email"`
	Created      string    `json:"date_created"`
	Errors       []finding `json:"errors"`
}

type endUser struct {
	SID          string          `json:"sid"`
	FriendlyName string          `json:"friendly_name"`
	Type         string          `json:"type"`
	Attributes   json.RawMessage `json:"attributes"`
}

// displayName reads the caller name, from attributes that are an object or the
// text of one.
func (u endUser) displayName() string {
	var v struct {
		Name string `json:"cnam_display_name"`
	}
	raw := u.Attributes
	var text string
	if json.Unmarshal(raw, &text) == nil {
		raw = []byte(text)
	}
	if json.Unmarshal(raw, &v) != nil {
		return ""
	}
	return v.Name
}

// assignment is of a thing to a trust product or a customer profile.
type assignment struct {
	SID                string `json:"sid"`
	ObjectSID          string `json:"object_sid"`
	ChannelEndpointSID string `json:"channel_endpoint_sid"`
}

type evaluation struct {
	Status  string    `json:"status"`
	Results []finding `json:"results"`
}

// finding is one thing that a review or an evaluation says. Twilio's documents give
// it no form: what cannot be read says nothing.
type finding struct {
	Passed bool
	Code   string
}

func (f *finding) UnmarshalJSON(b []byte) error {
	var v struct {
		Passed    bool  `json:"passed"`
		Code      loose `json:"code"`
		ErrorCode loose `json:"error_code"`
	}
	if json.Unmarshal(b, &v) != nil {
		return nil
	}
	f.Passed, f.Code = v.Passed, v.Code.code()
	if f.Code == "" {
		f.Code = v.ErrorCode.code()
	}
	return nil
}

type lookedUp struct {
	PhoneNumber string `json:"phone_number"`
	Valid       bool   `json:"valid"`
	CallerName  *struct {
		Name  string `json:"caller_name"`
		Type  string `json:"caller_type"`
		Error loose  `json:"error_code"`
	} `json:"caller_name"`
	Line *struct {
		Carrier string `json:"carrier_name"`
		Type    string `json:"type"`
		Error   loose  `json:"error_code"`
	} `json:"line_type_intelligence"`
}

type countryPrices struct {
	Unit   string `json:"price_unit"`
	Prices []struct {
		Type    string `json:"number_type"`
		Current loose  `json:"current_price"`
	} `json:"phone_number_prices"`
}

// portability is the answer to whether a number can be ported.
type portability struct {
	PhoneNumber string `json:"phone_number"`
	Portable    bool   `json:"portable"`
	NeedsPIN    bool   `json:"pin_and_account_number_required"`
	Reason      string `json:"not_portable_reason"`
	Code        loose  `json:"not_portable_reason_code"`
	Type        string `json:"number_type"`
}

type portIn struct {
	SID     string       `json:"port_in_request_sid"`
	Status  string       `json:"port_in_request_status"`
	Target  string       `json:"target_port_in_date"`
	Created string       `json:"date_created"`
	Numbers []portNumber `json:"phone_numbers"`
}

type portNumber struct {
	SID           string `json:"port_in_phone_number_sid"`
	PhoneNumber   string `json:"phone_number"`
	Status        string `json:"port_in_phone_number_status"`
	Portable      *bool  `json:"portable"`
	NotReason     string `json:"not_portability_reason"`
	NotCode       loose  `json:"not_portability_reason_code"`
	PortDate      string `json:"port_date"`
	Rejection     string `json:"rejection_reason"`
	RejectionCode loose  `json:"rejection_reason_code"`
}

// portList names requests, and no numbers.
type portList struct {
	Requests []struct {
		SID string `json:"port_in_request_sid"`
	} `json:"port_in_requests"`
	Meta struct {
		Next string `json:"next_token"`
	} `json:"meta"`
}

// portInCreate is the one request that is JSON.
type portInCreate struct {
	Account   string      `json:"account_sid"`
	Documents []string    `json:"documents"`
	Losing    losingSide  `json:"losing_carrier_information"`
	Numbers   []portAsked `json:"phone_numbers"`
	Target    string      `json:"target_port_in_date,omitempty"`
	From      string      `json:"target_port_in_time_range_start,omitempty"`
	To        string      `json:"target_port_in_time_range_end,omitempty"`
}

type losingSide struct {
	CustomerType string      `json:"customer_type"`
	CustomerName string      `json:"customer_name"`
	Account      string      `json:"account_number,omitempty"`
	BTN          string      `json:"account_telephone_number,omitempty"`
	Address      portAddress `json:"address"`
	Authorized   string      `json:"authorized_representative"`
	Email        string      `json:"authorized_representative_email"`
}

type portAddress struct {
	Street  string `json:"street"`
	Street2 string `json:"street_2,omitempty"`
	City    string `json:"city"`
	State   string `json:"state"`
	Zip     string `json:"zip"`
	Country string `json:"country"`
}

type portAsked struct {
	Number string `json:"phone_number"`
	PIN    string `json:"pin,omitempty"`
}

type document struct {
	SID string `json:"sid"`
}

// loose is a value that Twilio's documents write as a number and its answers as a
// text, or the other way round. null and anything else read as "".
type loose string

func (l *loose) UnmarshalJSON(b []byte) error {
	*l = ""
	switch {
	case len(b) > 0 && b[0] == '"':
		var s string
		if err := json.Unmarshal(b, &s); err != nil {
			return err
		}
		*l = loose(s)
	case len(b) > 0 && (b[0] == '-' || b[0] >= '0' && b[0] <= '9'):
		*l = loose(b)
	}
	return nil
}

// code is a code, "" where 0 says that there is none.
func (l loose) code() string {
	if l == "0" {
		return ""
	}
	return strings.TrimSpace(string(l))
}
