package acorn

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/numberdesk/numberdesk/money"
	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
	"github.com/numberdesk/numberdesk/secret"
	"github.com/numberdesk/numberdesk/vanity"
)

// Config is one account at Acorn. Base and Key are needed.
type Config struct {
	ID        provider.ID // "acorn"
	Base      string
	Key       secret.String
	Now       func() time.Time
	Transport http.RoundTripper
}

// Carrier is the account as numberdesk sees it. It is safe for concurrent use.
type Carrier struct {
	id   provider.ID
	http *carrierhttp.Client
	now  func() time.Time
}

var (
	_ provider.Provider = (*Carrier)(nil)
	_ provider.Searcher = (*Carrier)(nil)
	_ provider.Orderer  = (*Carrier)(nil)
	_ provider.Owner    = (*Carrier)(nil)
	_ provider.Returner = (*Carrier)(nil)
)

var rates = map[provider.Class]provider.Limit{
	provider.ClassSearch: {PerSecond: 1000, Burst: 1000},
	provider.ClassRead:   {PerSecond: 1000, Burst: 1000},
	provider.ClassCreate: {PerSecond: 1000, Burst: 1000},
}

// New refuses a Config without an address or a key.
func New(c Config) (*Carrier, error) {
	if c.ID == "" {
		c.ID = "acorn"
	}
	if c.Key.IsZero() {
		return nil, errors.New("acorn: Config.Key is empty: it stands on the account page")
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	client, err := carrierhttp.New(carrierhttp.Config{ID: c.ID, Base: c.Base, Auth: carrierhttp.Bearer(c.Key), Rates: rates,
		Classify: classify, RequestID: []string{"X-Acorn-Request"}, Now: c.Now, Transport: c.Transport})
	if err != nil {
		return nil, err
	}
	return &Carrier{c.ID, client, c.Now}, nil
}

// ID is that of the configuration.
func (c *Carrier) ID() provider.ID { return c.id }

// Capabilities says what Acorn can do and why it cannot do the rest.
func (c *Carrier) Capabilities() provider.Capabilities {
	why := map[provider.Capability]provider.Note{}
	for _, name := range provider.AllCapabilities() {
		why[name] = provider.Note{Reason: "Acorn only sells numbers and takes them back."}
	}
	for _, name := range []provider.Capability{provider.CapSearch, provider.CapOrders, provider.CapOwned, provider.CapReturn} {
		delete(why, name)
	}
	return provider.Capabilities{Search: c, Orders: c, Owned: c, Return: c, Traits: provider.Traits{
		Name: "Acorn Telecom", Why: why, Kinds: []provider.NumberKind{provider.Local},
		Dialect: map[provider.NumberKind]vanity.Dialect{provider.Local: {NPA: true}},
		Filters: []provider.Filter{provider.ByState}, PageMax: 100, PricesInSearch: true,
		OrderLines: 50, PartialOrders: true,
		Keyed:   map[provider.Capability]provider.Keying{provider.CapOrders: provider.ByKey, provider.CapReturn: provider.ByThing},
		Horizon: 2 * time.Minute, Usual: map[provider.Capability]time.Duration{provider.CapOrders: time.Minute, provider.CapReturn: time.Minute},
		Rates: rates,
	}}
}

// Acorn's codes that say more than the status of the answer.
var kinds = map[string]provider.Kind{
	"number_taken": provider.NumberTaken,
	"not_yours":    provider.NotYours,
	"no_such_page": provider.Invalid,
}

func classify(r carrierhttp.Response, e *provider.Error) {
	var body struct{ Code string }
	if r.Decode(&body) == nil {
		e.Code = body.Code
		if k, known := kinds[body.Code]; known {
			e.Kind = k
		}
	}
}

// The words of Acorn's documentation. A word that is not here is Unclear.
var states = map[string]provider.ItemState{
	"reserved": provider.ItemWaiting, "provisioning": provider.ItemAssigned, "active": provider.ItemLive,
	"refused": provider.ItemRefused, "releasing": provider.ItemWaiting, "released": provider.ItemGone,
}

type wireOffer struct {
	Number       nanp.Number
	State, City  string
	Setup, Month money.USD
}

type wireNumber struct{ Number, Reference, Status, Reason string }

type wirePage[T any] struct {
	Items []T
	Next  string
}

// Search asks for one page.
func (c *Carrier) Search(ctx context.Context, r provider.SearchRequest) (out provider.Result[provider.Offer], err error) {
	if err := errors.Join(r.Validate(), r.Options.Only()); err != nil {
		return out, provider.Refused(c.id, provider.OpSearch, err)
	}
	if r.Kind != provider.Local {
		return out, &provider.Error{Op: provider.OpSearch, Provider: c.id, Kind: provider.Unsupported, Outcome: provider.NotApplied, Text: "Acorn sells local numbers only"}
	}
	q := page(r.Page)
	q.Set("state", r.State)
	q.Set("npa", r.Query.NPA.String())
	var got wirePage[wireOffer]
	if _, err := c.get(ctx, provider.OpSearch, provider.ClassSearch, "/numbers", q, 0, &got); err != nil {
		return out, err
	}
	out.Next = got.Next
	for _, o := range got.Items {
		out.Items = append(out.Items, provider.Offer{Number: o.Number, State: o.State, City: o.City,
			Price: money.Price{Setup: money.Known(o.Setup), Monthly: money.Known(o.Month)}})
	}
	return out, nil
}

// Place sends the order once: carrierhttp does not repeat what creates.
func (c *Carrier) Place(ctx context.Context, r provider.OrderRequest) (provider.Order, error) {
	if err := errors.Join(r.Validate(50), r.Options.Only()); err != nil {
		return provider.Order{}, provider.Refused(c.id, provider.OpPlace, err)
	}
	body := map[string]any{"reference": r.Key, "partial": r.Partial}
	var ns []nanp.Number
	for _, l := range r.Lines {
		ns = append(ns, l.Number)
	}
	body["numbers"] = ns
	res, err := c.http.Do(ctx, carrierhttp.Call{Op: provider.OpPlace, Path: "/orders", Body: carrierhttp.JSON(body)})
	if err != nil {
		return provider.Order{}, err
	}
	return c.order(res)
}

// Track finds an order by the reference that it was placed under, or by Acorn's ID.
func (c *Carrier) Track(ctx context.Context, t provider.Trace) (provider.Finding[provider.Order], error) {
	var f provider.Finding[provider.Order]
	name := string(t.Key)
	if name == "" {
		name = string(t.Ref)
	}
	if name == "" {
		f.Why = "Acorn finds orders by their reference or ID, and none was given"
		return f, nil
	}
	res, err := c.http.Do(ctx, carrierhttp.Call{Op: provider.OpTrack, Intent: carrierhttp.Read, Path: carrierhttp.Path("orders", name)})
	if errors.Is(err, provider.NotFound) {
		return provider.Finding[provider.Order]{Verdict: provider.Absent, AsOf: res.At}, nil
	}
	if err != nil {
		return f, err
	}
	o, err := c.order(res)
	if err != nil {
		return f, err
	}
	return provider.FoundAs(o, res.At), nil
}

func (c *Carrier) order(res carrierhttp.Response) (provider.Order, error) {
	var got struct {
		ID, Reference, Status string
		Numbers               []wireNumber
	}
	if err := res.Decode(&got); err != nil {
		return provider.Order{}, err
	}
	o := provider.Order{Ref: provider.Ref(got.ID), Key: provider.Key(got.Reference), Said: res.Said(provider.Raw(got.Status))}
	for _, n := range got.Numbers {
		it := provider.OrderItem{State: states[n.Status], Said: res.Said(provider.Raw(n.Status))}
		var err error
		if it.Number, err = nanp.Parse(n.Number); err != nil {
			return provider.Order{}, res.Error(provider.Internal, provider.Applied, "an order holds something that is no number")
		}
		if it.State == provider.ItemRefused {
			it.Err = res.Error(kinds[n.Reason], provider.NotApplied, "")
			it.Err.Number, it.Err.Code = it.Number, n.Reason
		}
		o.Items = append(o.Items, it)
	}
	return o, nil
}

// Owned reads one number of the account.
func (c *Carrier) Owned(ctx context.Context, n nanp.Number) (provider.Owned, error) {
	var got wireNumber
	res, err := c.get(ctx, provider.OpOwned, provider.ClassRead, carrierhttp.Path("account", n.String()), nil, n, &got)
	if err != nil {
		return provider.Owned{}, err
	}
	return owned(res, got)
}

// ListOwned reads one page of the account.
func (c *Carrier) ListOwned(ctx context.Context, p provider.Page) (out provider.Result[provider.Owned], err error) {
	var got wirePage[wireNumber]
	res, err := c.get(ctx, provider.OpListOwned, provider.ClassRead, "/account", page(p), 0, &got)
	if err != nil {
		return out, err
	}
	out.Next = got.Next
	for _, n := range got.Items {
		o, err := owned(res, n)
		if err != nil {
			return out, err
		}
		out.Items = append(out.Items, o)
	}
	return out, nil
}

func owned(res carrierhttp.Response, n wireNumber) (provider.Owned, error) {
	number, err := nanp.Parse(n.Number)
	if err != nil {
		return provider.Owned{}, res.Error(provider.Internal, provider.NotApplied, "the account holds something that is no number")
	}
	return provider.Owned{Number: number, Tag: n.Reference, State: states[n.Status], Said: res.Said(provider.Raw(n.Status))}, nil
}
