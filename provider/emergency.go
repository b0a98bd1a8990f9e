package provider

import (
	"context"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/postal"
)

// Grade is a registrar's verdict on an address.
type Grade uint8

const (
	Ungraded  Grade = iota // the registrar did not say
	Valid                  // it would be registered as it stands
	Corrected              // AddressCheck.Corrected would be registered instead
	Ambiguous              // one of AddressCheck.Candidates has to be chosen
	Unusable               // AddressCheck.Problems say why
)

func (g Grade) String() string {
	names := [...]string{"not checked", "valid", "corrected", "several candidates", "invalid"}
	if int(g) < len(names) {
		return names[g]
	}
	return names[0]
}

// AddressCheck is the registrar's answer about an address.
type AddressCheck struct {
	Grade      Grade
	Corrected  *postal.Civic
	Candidates []postal.Civic
	Problems   []Problem
	Said       Said
}

// Problem is one thing that is wrong with an address.
type Problem struct{ Field, Rule, Text string }

// AddressChecker asks the registrar without registering.
type AddressChecker interface {
	CheckAddress(ctx context.Context, a postal.Civic) (AddressCheck, error)
}

// RegState is where the E911 registration of one number stands.
type RegState uint8

const (
	RegUnclear  RegState = iota
	RegNone              // no registration
	RegWaiting           // asked for, not confirmed
	RegActive            // confirmed with the address that was shown
	RegAdjusted          // confirmed with an address that the registrar altered (ADJUSTED_COMPLETE): not what was shown
	RegFailed
	RegRemoving
)

func (s RegState) String() string {
	names := [...]string{"unclear", "none", "waiting", "active", "adjusted", "failed", "removing"}
	if int(s) < len(names) {
		return names[s]
	}
	return names[0]
}

// RegisterRequest registers one dispatchable location (47 CFR 9.3) for numbers.
type RegisterRequest struct {
	Key        Key
	Numbers    []nanp.Number
	Address    postal.Civic
	CallerName string
	Callback   nanp.Number
	AsGiven    bool // never alter the address: answer with a Corrected check instead
	Replaces   Ref  // the registration that it takes the place of
}

// Registration is what the registrar holds for a number.
type Registration struct {
	Number  nanp.Number
	State   RegState
	Said    Said
	Address *postal.Civic // what the registrar holds, not what was sent; nil where it does not show it
	Ref     Ref
	Err     *Error
}

// RegisterResult is what a register call came to. A carrier that validates only
// while it creates may answer with a Check and no registrations.
type RegisterResult struct {
	Ref           Ref
	Check         AddressCheck
	Registrations []Registration
}

// Registrar registers numbers for emergency calls.
type Registrar interface {
	Register(ctx context.Context, r RegisterRequest) (RegisterResult, error)
	Unregister(ctx context.Context, k Key, n []nanp.Number) (RegisterResult, error)
	TrackRegistration(ctx context.Context, t Trace) (Finding[RegisterResult], error)
	// Registration reads what the registrar holds now; RegNone when it holds nothing.
	Registration(ctx context.Context, n nanp.Number) (Registration, error)
}

// Endpoint is a device that moves (a softphone, a laptop) with its own
// dispatchable location, independent of the number it calls from: Telnyx dynamic
// emergency endpoints, Bandwidth additional location records.
type Endpoint struct {
	Ref      Ref
	Label    string // the caller's own name for the device
	State    RegState
	Said     Said
	Address  *postal.Civic // what the registrar holds
	Callback nanp.Number
	// What the emergency INVITE has to carry (SIP, RFC 6442).
	SIPFrom     string
	Geolocation string
	Err         *Error
}

// EndpointRequest creates an endpoint, or gives an existing one (Ref) a new location.
type EndpointRequest struct {
	Key        Key
	Ref        Ref
	Label      string
	Address    postal.Civic
	CallerName string
	Callback   nanp.Number
}

// EndpointResult carries a check where the registrar validates while creating.
type EndpointResult struct {
	Endpoint Endpoint
	Check    AddressCheck
}

// EndpointKeeper keeps the locations of devices that move.
type EndpointKeeper interface {
	SetEndpoint(ctx context.Context, r EndpointRequest) (EndpointResult, error)
	RemoveEndpoint(ctx context.Context, k Key, r Ref) error
	TrackEndpoint(ctx context.Context, t Trace) (Finding[EndpointResult], error)
	ListEndpoints(ctx context.Context, p Page) (Result[Endpoint], error)
}
