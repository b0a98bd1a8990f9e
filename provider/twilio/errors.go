package twilio

import (
	"encoding/json"
	"time"

	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

// meaning is what one of Twilio's error codes says.
type meaning struct {
	kind provider.Kind
	text string
	// open is set where the code proves nothing about what has happened.
	open bool
}

// meanings are the codes that concern what this adapter does, from
// https://www.twilio.com/docs/api/errors. All but those marked open refuse the
// request: nothing has happened.
var meanings = map[string]meaning{
	"11008": {kind: provider.Invalid, text: "the caller name has a word that is not allowed"},
	"20001": {kind: provider.Invalid, text: "a parameter is not known or not valid"},
	"20003": {kind: provider.Unauthorized, text: "the credentials are not accepted"},
	"20008": {kind: provider.Forbidden, text: "test credentials cannot do this"},
	"20404": {kind: provider.NotFound, text: "there is no such thing"},
	"20429": {kind: provider.RateLimited, text: "too many requests at a time"},
	"21421": {kind: provider.Invalid, text: "this is no number that can be bought"},
	"21422": {kind: provider.NumberTaken, text: "the number is not available"},
	"21451": {kind: provider.Invalid, text: "the area code is not valid"},
	"21452": {kind: provider.NumberTaken, text: "there is no number in the area code"},
	"21457": {kind: provider.Invalid, text: "an area code cannot be given here"},
	"21628": {kind: provider.Invalid, text: "the address cannot be validated"},
	"21629": {kind: provider.Invalid, text: "the address differs from the one that would be registered"},
	"22102": {kind: provider.Invalid, text: "this is no number that can be ported"},
	"22130": {kind: provider.Unsupported, text: "the number cannot be ported"},
	"22131": {kind: provider.Conflict, text: "the number is in the account already, or is being ported"},
	"22132": {kind: provider.Conflict, text: "another Twilio customer has the number"},
	"22133": {kind: provider.Unsupported, text: "the number can be ported by hand only: through Twilio's console or support"},
	"22135": {kind: provider.Internal, text: "Twilio failed inside", open: true},
	"22136": {kind: provider.Exists, text: "the number is in one of your accounts already"},
	"22137": {kind: provider.Conflict, text: "one of your accounts is porting the number already"},
	"22170": {kind: provider.Precondition, text: "the bundle does not exist or is not approved"},
	"22171": {kind: provider.Invalid, text: "the port request lacks something"},
	"60601": {kind: provider.Forbidden, text: "Canadian numbers need a permission from Twilio"},
}

// pause is how long to wait where Twilio limits how many requests run at a time:
// it says that it can be tried again, and not when. Requests take about as long.
const pause = 200 * time.Millisecond

// failure is an error: both shapes that Twilio uses, {code, message, more_info,
// status} and {code, message, httpStatusCode, params, userError}, have the code.
type failure struct {
	Code loose `json:"code"`
}

// classify reads the code of an error.
func classify(r carrierhttp.Response, e *provider.Error) {
	var f failure
	if json.Unmarshal(r.Body, &f) != nil {
		return
	}
	code := f.Code.code()
	if code == "" {
		return
	}
	e.Code = code
	m, known := meanings[code]
	if !known {
		return
	}
	e.Kind, e.Text = m.kind, m.text
	if m.kind == provider.RateLimited && e.After == 0 {
		e.After = pause
	}
	// A gateway may put an old body behind its own 5xx: a refusal is one in both.
	if !m.open && r.Status >= 400 && r.Status < 500 {
		e.Outcome = provider.NotApplied
	}
}
