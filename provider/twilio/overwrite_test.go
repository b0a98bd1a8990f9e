package twilio_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/numberdesk/numberdesk/nanp"
)

// overwrite buys a number that is ours, as somebody would who does not look first.
func (h *house) overwrite(t *testing.T, n nanp.Number, name string) {
	form := url.Values{"PhoneNumber": {n.String()}, "FriendlyName": {name}}
	r := httptest.NewRequest("POST", "/2010-04-01/Accounts/"+account+"/IncomingPhoneNumbers.json", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.SetBasicAuth(account, token)
	w := httptest.NewRecorder()
	h.fake.ServeHTTP(w, r)
	require.Equal(t, http.StatusCreated, w.Code, "an update answers as a purchase does")
	require.Contains(t, w.Body.String(), `"friendly_name":"`+name+`"`)
}
