package provider

// Op names one method of the contract: in errors, in logs, in middleware.
type Op string

const (
	OpSearch            Op = "search"
	OpPlaces            Op = "list places"
	OpHold              Op = "hold"
	OpUnhold            Op = "unhold"
	OpTrackHold         Op = "track hold"
	OpPlace             Op = "place order"
	OpTrack             Op = "track order"
	OpCloseOrder        Op = "close order"
	OpOwned             Op = "read owned"
	OpListOwned         Op = "list owned"
	OpRoute             Op = "route"
	OpReturn            Op = "return"
	OpTrackReturn       Op = "track return"
	OpSetName           Op = "set name"
	OpTrackName         Op = "track name"
	OpReadName          Op = "read name"
	OpLookupName        Op = "look up name"
	OpLookupNumber      Op = "look up number"
	OpCheckAddress      Op = "check address"
	OpRegister          Op = "register"
	OpUnregister        Op = "unregister"
	OpTrackRegistration Op = "track registration"
	OpRegistration      Op = "read registration"
	OpSetEndpoint       Op = "set endpoint"
	OpRemoveEndpoint    Op = "remove endpoint"
	OpTrackEndpoint     Op = "track endpoint"
	OpListEndpoints     Op = "list endpoints"
	OpCheckPort         Op = "check port"
	OpOpenPort          Op = "open port"
	OpSubmitPort        Op = "submit port"
	OpTrackPort         Op = "track port"
	OpCancelPort        Op = "cancel port"
	OpAmendPort         Op = "amend port"
	OpUploadDocument    Op = "upload document"
	OpListPortComments  Op = "list port comments"
	OpAddPortComment    Op = "add port comment"
	OpListPortOuts      Op = "list port-outs"
	OpAnswerPortOut     Op = "answer port-out"
	OpDecodeHook        Op = "decode webhook"
)

// creates are the operations that change something at the carrier. All others
// are reads and may be sent again.
var creates = map[Op]bool{
	OpHold: true, OpUnhold: true, OpPlace: true, OpCloseOrder: true, OpRoute: true, OpReturn: true, OpSetName: true,
	OpRegister: true, OpUnregister: true, OpSetEndpoint: true, OpRemoveEndpoint: true, OpOpenPort: true, OpSubmitPort: true,
	OpCancelPort: true, OpAmendPort: true, OpUploadDocument: true, OpAddPortComment: true, OpAnswerPortOut: true,
}

// Creates reports whether the operation changes something at the carrier.
func (o Op) Creates() bool { return creates[o] }
