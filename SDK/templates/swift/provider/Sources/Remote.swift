// How a service would be asked over HTTP. Not in use: Entry.swift computes its vectors itself.
//
// To use it, name the endpoint in the manifest's `egress`, offer `.infer`, and call this from `infer` (docs/egress.md).
internal import SluiceSDK

enum Remote {
    /// Post a body to /v1/infer of the endpoint "main" and give back what it answers.
    static func ask(_ host: Host, _ body: [UInt8]) throws(PluginFailure) -> [UInt8] {
        let request =
            #"{"endpoint":"main","method":"POST","path":"/v1/infer","headers":{"content-type":"application/json"}}"#
        // The host adds the credential, pins the address and refuses what the manifest does not name.
        let answer = try host.http(request, body: body)
        let response = try JSONValue(parsing: answer.response)
        let status = response["status"]?.int ?? 0
        if (200..<300).contains(status) { return answer.body }
        // A status of 400 and above is an answer: the plugin says what it means. The body may hold a prompt: leave it out.
        let code: PluginFailure.Code =
            status == 429 ? .rateLimit : status >= 500 ? .transientError : .deterministicFailure
        throw PluginFailure(
            code: code, message: "The service answered with status \(status).",
            isRetryable: code != .deterministicFailure,
            retryAfterMilliseconds: UInt64(max(0, response["retry_after_ms"]?.int ?? 0)))
    }
}
