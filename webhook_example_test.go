package numberdesk_test

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/numberdesk/numberdesk"
	"github.com/numberdesk/numberdesk/internal/memstore"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/secret"
)

// Carriers send their messages to one handler. One that is not signed is refused.
func ExampleDesk_Webhooks() {
	carrier, _ := sandbox.New(sandbox.Config{HookKey: secret.New("shared with the carrier")})
	desk, err := numberdesk.Open(context.Background(), numberdesk.Config{
		Store:      memstore.New(),
		Carriers:   []provider.Provider{carrier},
		WebhookURL: "https://desk.example.com/hooks", // the carrier calls …/hooks/sandbox
	})
	if err != nil {
		log.Fatal(err)
	}
	defer desk.Close()
	mux := http.NewServeMux()
	mux.Handle("/hooks/", desk.Webhooks())

	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/hooks/sandbox", strings.NewReader(`{"about":"orders","status":"done"}`)))
	fmt.Println(w.Code)
	// Output: 401
}
