package telnyx

import (
	"context"
	"time"

	"github.com/numberdesk/numberdesk/nanp"
	"github.com/numberdesk/numberdesk/provider"
	"github.com/numberdesk/numberdesk/provider/carrierhttp"
)

type wireJob struct {
	ID      string          `json:"id"`
	Status  string          `json:"status"`
	Type    string          `json:"type"`
	Created string          `json:"created_at"`
	Numbers []wireOperation `json:"phone_numbers"`
	Done    []wireOperation `json:"successful_operations"`
	Pending []wireOperation `json:"pending_operations"`
	Failed  []wireOperation `json:"failed_operations"`
}

type wireOperation struct {
	Number string      `json:"phone_number"`
	Errors []wireError `json:"errors"`
}

// in finds a number among operations.
func in(ops []wireOperation, n nanp.Number) (wireOperation, bool) {
	for _, op := range ops {
		if op.Number == n.String() {
			return op, true
		}
	}
	return wireOperation{}, false
}

// open reports whether the job is going on by a word that is known.
func (j wireJob) open() bool {
	ended, known := jobWords[j.Status]
	return known && !ended
}

// about reports whether the job is about the number.
func (j wireJob) about(n nanp.Number) bool {
	for _, ops := range [][]wireOperation{j.Numbers, j.Done, j.Pending, j.Failed} {
		if _, ok := in(ops, n); ok {
			return true
		}
	}
	return false
}

// why is the error of a failed operation.
func (o wireOperation) why(n nanp.Number, res carrierhttp.Response) *provider.Error {
	e := res.Error(provider.Conflict, provider.NotApplied, "the carrier could not do it for this number")
	for _, x := range o.Errors {
		if m, ok := meaningOf(string(x.Code)); ok {
			e.Kind, e.Code, e.Text = m.kind, string(x.Code), m.text
			break
		}
	}
	if e.Kind == provider.NotFound {
		e.Kind = provider.NotYours
	}
	e.Number = n
	return e
}

// job starts a job and looks at it once: many are done by then.
func (c *Carrier) job(ctx context.Context, op provider.Op, kind string, body any) (wireJob, carrierhttp.Response, error) {
	j, res, err := send[wireJob](ctx, c, op, 0, "POST", carrierhttp.Path("phone_numbers", "jobs", kind), body)
	if err != nil {
		return j, res, err
	}
	if j.ID == "" {
		return j, res, res.Error(provider.Internal, provider.Applied, "the answer names no job")
	}
	if now, later, err := get[wireJob](ctx, c, op, 0, carrierhttp.Path("phone_numbers", "jobs", j.ID), nil); err == nil {
		return now, later, nil
	}
	return j, res, nil
}

// Route points numbers at a connection. One number is changed at once; more are a
// job of the carrier, which says of a number that its route was changed and nothing
// else: one that it has not come to yet is without a route, and has to be read later.
func (c *Carrier) Route(ctx context.Context, r provider.RouteRequest) ([]provider.Owned, error) {
	if err := c.key(provider.OpRoute, r.Key); err != nil {
		return nil, err
	}
	if err := c.numbers(provider.OpRoute, r.Numbers, jobMax); err != nil {
		return nil, err
	}
	if len(r.To) > 256 {
		return nil, c.refuse(provider.OpRoute, bad("destination", "length", "is longer than 256 bytes"))
	}
	type patch struct {
		Numbers    []string `json:"phone_numbers,omitempty"`
		Connection string   `json:"connection_id"`
	}
	if len(r.Numbers) == 1 {
		n := r.Numbers[0]
		w, _, err := c.mine(ctx, provider.OpRoute, n)
		if err != nil {
			return nil, err
		}
		now, res, err := send[wireNumber](ctx, c, provider.OpRoute, n, "PATCH", carrierhttp.Path("phone_numbers", string(w.ID)), patch{Connection: r.To})
		if err != nil {
			return nil, err
		}
		return []provider.Owned{now.owned(n, res)}, nil
	}
	j, res, err := c.job(ctx, provider.OpRoute, "update_phone_numbers", patch{e164s(r.Numbers), r.To})
	if err != nil {
		return nil, err
	}
	var out []provider.Owned
	var first *provider.Error
	for _, n := range r.Numbers {
		o := provider.Owned{Number: n, Said: res.Said(provider.Raw(j.Status))}
		if _, ok := in(j.Done, n); ok {
			o.Route = r.To
		}
		if op, ok := in(j.Failed, n); ok {
			if e := op.why(n, res); first == nil {
				first = e
			}
			continue
		}
		out = append(out, o)
	}
	if first != nil {
		if len(out) > 0 {
			first.Outcome = provider.Applied
		}
		return out, first
	}
	return out, nil
}

// mine is find for a number that a request names: NotYours when it is not ours. It
// comes before anything is sent.
func (c *Carrier) mine(ctx context.Context, op provider.Op, n nanp.Number) (wireNumber, carrierhttp.Response, error) {
	w, res, err := c.find(ctx, op, n)
	if err == nil {
		return w, res, nil
	}
	e := *asError(err)
	if e.Kind == provider.NotFound {
		e.Kind = provider.NotYours
	}
	return w, res, &e
}

// Return releases numbers by a job of the carrier, also a single one: a job that was
// not answered can be found, and a deletion on its way cannot. The job is the
// reference of the order.
func (c *Carrier) Return(ctx context.Context, r provider.ReturnRequest) (provider.Order, error) {
	if err := c.key(provider.OpReturn, r.Key); err != nil {
		return provider.Order{}, err
	}
	if err := c.numbers(provider.OpReturn, r.Numbers, jobMax); err != nil {
		return provider.Order{}, err
	}
	body := struct {
		Numbers []string `json:"phone_numbers"`
	}{e164s(r.Numbers)}
	j, res, err := c.job(ctx, provider.OpReturn, "delete_phone_numbers", body)
	if err != nil {
		return provider.Order{}, err
	}
	return c.jobOrder(j, res, r.Key, r.Numbers), nil
}

// jobOrder is a job of deletions as an order.
func (c *Carrier) jobOrder(j wireJob, res carrierhttp.Response, k provider.Key, ns []nanp.Number) provider.Order {
	o := provider.Order{Ref: provider.Ref(j.ID), Key: k, Said: res.Said(provider.Raw(j.Status))}
	for _, n := range ns {
		it := provider.OrderItem{Number: n, State: provider.ItemUnclear, Said: o.Said}
		if j.open() {
			it.State = provider.ItemWaiting
		}
		if _, ok := in(j.Done, n); ok {
			it.State = provider.ItemGone
		}
		if op, ok := in(j.Failed, n); ok {
			it.State, it.Err = provider.ItemRefused, op.why(n, res)
		}
		o.Items = append(o.Items, it)
	}
	if !o.Settled() {
		o.Again = 5 * time.Second
	}
	return o
}

// TrackReturn looks at the numbers themselves: one that is not in the account has
// gone. One that still is has been told to go where the carrier has a job for it.
func (c *Carrier) TrackReturn(ctx context.Context, t provider.Trace) (provider.Finding[provider.Order], error) {
	var none provider.Finding[provider.Order]
	if len(t.Numbers) == 0 {
		return provider.Finding[provider.Order]{AsOf: c.cfg.Now(), Why: "a return is found by its numbers, and none were given"}, nil
	}
	jobs, at, err := c.deletions(ctx, t)
	if err != nil {
		return none, err
	}
	o := provider.Order{Ref: t.Ref, Key: t.Key}
	found, unclear := false, false
	for _, n := range t.Numbers {
		it, told, err := c.returning(ctx, n, jobs)
		if err != nil {
			return none, err
		}
		found, unclear = found || told, unclear || it.State == provider.ItemUnclear
		o.Items = append(o.Items, it)
	}
	o.Said = o.Items[0].Said
	switch {
	case !found && unclear:
		return provider.Finding[provider.Order]{AsOf: at, Why: "the carrier has a word for a number that nobody knows: it may be leaving"}, nil
	case !found:
		return provider.Finding[provider.Order]{Verdict: provider.Absent, AsOf: at}, nil
	}
	if !o.Settled() {
		o.Again = 5 * time.Second
	}
	return provider.FoundAs(o, at), nil
}

// returning says where one number of a return stands. told is false for one that is in
// the account and in no job.
func (c *Carrier) returning(ctx context.Context, n nanp.Number, jobs []wireJob) (it provider.OrderItem, told bool, err error) {
	w, res, err := c.find(ctx, provider.OpTrackReturn, n)
	it = provider.OrderItem{Number: n, State: provider.ItemGone}
	if kindIs(err, provider.NotFound) {
		it.Said = res.Said("not in the account")
		if never := neverOurs(n, jobs, res); never != nil {
			it = *never
		}
		return it, true, nil
	}
	if err != nil {
		return it, false, err
	}
	it.Said = res.Said(provider.Raw(w.Status))
	if it.State = provider.ItemRefused; w.state() == provider.ItemUnclear {
		it.State = provider.ItemUnclear
		return it, false, nil
	}
	it.Err = res.Error(provider.Conflict, provider.NotApplied, "the number stays in the account")
	it.Err.Number = n
	for _, j := range jobs {
		if !j.about(n) {
			continue
		}
		now := jobItem(n, j, res)
		if told && leaving[it.State] > leaving[now.State] {
			continue
		}
		it, told = now, true
	}
	return it, told, nil
}

// neverOurs is what jobs say of a number that was not ours when it was to go; nil when
// one says anything else.
func neverOurs(n nanp.Number, jobs []wireJob, res carrierhttp.Response) (out *provider.OrderItem) {
	for _, j := range jobs {
		if !j.about(n) {
			continue
		}
		it := jobItem(n, j, res)
		if it.State != provider.ItemRefused || it.Err.Kind != provider.NotYours {
			return nil
		}
		out = &it
	}
	return out
}

// leaving orders what jobs say of one number that is still there: of several, an older
// one that failed does not take back that a newer one is under way.
var leaving = map[provider.ItemState]int{provider.ItemRefused: 0, provider.ItemUnclear: 1, provider.ItemWaiting: 2}

// jobItem is what one job says of a number that is still there.
func jobItem(n nanp.Number, j wireJob, res carrierhttp.Response) provider.OrderItem {
	it := provider.OrderItem{Number: n, State: provider.ItemUnclear, Said: res.Said(provider.Raw(j.Status))} // ended, and the number is there
	op, failed := in(j.Failed, n)
	_, done := in(j.Done, n)
	switch {
	case failed:
		it.State, it.Err = provider.ItemRefused, op.why(n, res)
	case done, j.open(): // another answer of the carrier lags behind
		it.State = provider.ItemWaiting
	}
	return it
}

// deletions are the jobs that delete numbers: the one that is named, else those that
// were made since the trace began.
func (c *Carrier) deletions(ctx context.Context, t provider.Trace) ([]wireJob, time.Time, error) {
	if t.Ref != "" {
		j, res, err := get[wireJob](ctx, c, provider.OpTrackReturn, 0, carrierhttp.Path("phone_numbers", "jobs", string(t.Ref)), nil)
		if err == nil {
			return []wireJob{j}, res.At, nil
		}
		if !kindIs(err, provider.NotFound) {
			return nil, res.At, err
		}
	}
	list, res, err := all[wireJob](ctx, c, provider.OpTrackReturn, "/phone_numbers/jobs", query("filter[type]", "delete_phone_numbers"))
	if err != nil {
		return nil, res.At, err
	}
	var since []wireJob
	for _, j := range list {
		// Clocks differ: a job that seems a little older may be the one.
		if made, err := time.Parse(time.RFC3339, j.Created); err != nil || t.Since.IsZero() || made.After(t.Since.Add(-5*time.Minute)) {
			since = append(since, j)
		}
	}
	return since, res.At, nil
}
