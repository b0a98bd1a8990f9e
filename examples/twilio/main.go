// Twilio searches numbers at Twilio with an account of yours, and buys some only
// when it is told to.
//
//	TWILIO_ACCOUNT_SID=AC... TWILIO_AUTH_TOKEN=... go run ./examples/twilio -state AR
//	TWILIO_ACCOUNT_SID=AC... TWILIO_AUTH_TOKEN=... go run ./examples/twilio -state AR -buy 1
package main

import (
	"github.com/numberdesk/numberdesk/examples/internal/shop"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/twilio"
	"github.com/numberdesk/numberdesk/secret"
)

func main() {
	shop.Main(shop.Carrier{
		Name: "twilio",
		Settings: []shop.Setting{
			{Name: "TWILIO_ACCOUNT_SID", What: "the account's SID, AC..."},
			{Name: "TWILIO_AUTH_TOKEN", What: "its auth token, or the secret of the API key"},
			{Name: "TWILIO_API_KEY_SID", What: "an API key, SK..., instead of the account's own token", Optional: true},
		},
		Open: func(value func(string) string) (provider.Provider, error) {
			return twilio.New(twilio.Config{Account: value("TWILIO_ACCOUNT_SID"), Token: secret.New(value("TWILIO_AUTH_TOKEN")), KeySID: value("TWILIO_API_KEY_SID")})
		},
	})
}
