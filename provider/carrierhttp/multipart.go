package carrierhttp

// Multipart is a form with files, streamed: a file is never held in memory.
func Multipart(parts ...Part) Body { return Body{} }
