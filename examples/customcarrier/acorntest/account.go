package acorntest

import (
	"net/http/httptest"
	"testing"

	"github.com/numberdesk/numberdesk/provider/providertest"
	"github.com/numberdesk/numberdesk/provider/sandbox"
	"github.com/numberdesk/numberdesk/provider/sandbox/sandboxtest"
	"github.com/numberdesk/numberdesk/secret"

	"example.com/acorn"
)

// Account is an account at an Acorn that can go wrong, for the kit.
func Account(t testing.TB) providertest.World {
	stage := sandboxtest.New(t, Engine(sandbox.Config{}))
	server := New(stage.Carrier, "squirrel")
	srv := httptest.NewServer(server)
	t.Cleanup(srv.Close)
	c, err := acorn.New(acorn.Config{Base: srv.URL, Key: secret.New("squirrel"), Now: stage.Now})
	if err != nil {
		t.Fatal(err)
	}
	w := stage.World(c)
	w.Unauthorize = func() { server.Refuse(true) }
	w.Secrets = append(w.Secrets, "squirrel")
	return w
}
