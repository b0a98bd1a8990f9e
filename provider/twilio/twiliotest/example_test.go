package twiliotest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/provider/twilio/twiliotest"
	"github.com/numberdesk/numberdesk/secret"
)

const account = "AC00000000000000000000000000000001"

// Search with nothing but net/http, with the right token and with a wrong one.
func Example() {
	engine, err := sandbox.New(twiliotest.Engine(sandbox.Config{}))
	if err != nil {
		panic(err)
	}
	defer engine.Close()
	srv := httptest.NewServer(twiliotest.New(engine, twiliotest.Config{Account: account, Token: secret.New("token")}))
	defer srv.Close()

	req, err := http.NewRequest("GET", srv.URL+"/2010-04-01/Accounts/"+account+"/AvailablePhoneNumbers/US/Local.json?AreaCode=501&PageSize=1", nil)
	if err != nil {
		panic(err)
	}
	for _, password := range []string{"token", "wrong"} {
		req.SetBasicAuth(account, password)
		res, err := srv.Client().Do(req)
		if err != nil {
			panic(err)
		}
		body, err := io.ReadAll(res.Body)
		if err != nil {
			panic(err)
		}
		res.Body.Close()
		fmt.Println(res.StatusCode, len(body) > 100, res.Header.Get("Content-Type"))
	}
	// Output:
	// 200 true application/json
	// 401 true application/json
}
