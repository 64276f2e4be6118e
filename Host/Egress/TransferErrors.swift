internal import CCurl
internal import Foundations
internal import Glibc

/// What ends a transfer, in the host's words.
extension Transfer {
    /// Whether the time of the call is over, or the call itself.
    func isOver(_ now: UInt64) -> SluiceError? {
        if cancellation?.isCancelled ?? false {
            return SluiceError(.egressTimeout, "The request to \(host) was cancelled.")
        }
        if now >= deadline {
            return SluiceError(.egressTimeout, "\(host) did not answer within the time that the call has.")
        }
        return nil
    }

    var undecodable: SluiceError {
        SluiceError(.egressAnswer, "The answer of \(host) cannot be used: its coding is broken.")
    }

    /// The connection broke under a request that was sent, whole or in part: nobody knows what the server has done.
    var brokeOff: SluiceError {
        SluiceError(
            .egressReset,
            "\(host) ended a connection that was kept, without an answer. The request may have arrived, so it was not sent again."
        )
    }

    var brokenHead: SluiceError {
        SluiceError(.egressReset, "\(host) ended the connection before the head of its answer was there.")
    }

    var tooLarge: SluiceError {
        SluiceError(
            .egressAnswer,
            "The answer of \(host) has more than the \(order.maximumBytes) bytes that its endpoint allows."
        )
    }

    /// What a CURLcode means here. libcurl's own words repeat nothing that a server sent.
    func error(_ code: Int32, _ easy: UnsafeMutableRawPointer) -> SluiceError {
        if let refusedAddress {
            return SluiceError(.egressAddress, "\(host) led to \(refusedAddress), which is not what it resolved to.")
        }
        if isKept, wantedAnother { return brokeOff }
        switch CURLcode(rawValue: UInt32(bitPattern: code)) {
        case CURLE_FILESIZE_EXCEEDED: return tooLarge
        case CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE, CURLE_RECV_ERROR, CURLE_SEND_ERROR:
            // Before a request could be sent it is a connection that never stood.
            guard asks > 0 else { break }
            guard headIsWhole else { return brokenHead }
            return SluiceError(
                .egressReset, "\(host) ended the connection before its answer was whole: \(Self.words(code)).")
        case CURLE_OPERATION_TIMEDOUT:
            return SluiceError(
                .egressUnreachable,
                "No connection to \(order.origin) stood within \(JSON.ecmaScript(limits.connectSeconds)) s.")
        case CURLE_SSL_CACERT_BADFILE:
            return SluiceError(
                .egressTLS, "The file of certificates cannot be used: \(order.certificateFile ?? "the system's").")
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_ISSUER_ERROR,
            CURLE_USE_SSL_FAILED, CURLE_SSL_INVALIDCERTSTATUS:
            return SluiceError(.egressTLS, "\(order.origin) was not trusted: \(Self.words(code)).")
        case CURLE_SSL_CONNECT_ERROR:
            // A server that hangs up is one that cannot be reached; one that answers otherwise does not fit.
            guard [0, Int(EPROTO)].contains(ccurl_info_long(easy, CURLINFO_OS_ERRNO)) else { break }
            return SluiceError(
                .egressTLS, "\(order.origin) was not trusted: \(Self.words(code)) (TLS 1.2 or later is needed).")
        // A line of a head that libcurl does not keep: more than 100 KiB.
        case CURLE_OUT_OF_MEMORY where !headIsWhole:
            return SluiceError(.egressAnswer, "The head of \(host)'s answer has more than \(limits.headBytes) bytes.")
        default: break
        }
        return SluiceError(.egressUnreachable, "\(order.origin) cannot be reached: \(Self.words(code)).")
    }

    static func words(_ code: Int32) -> String {
        code < 0 ? "the transfer ended without a result" : String(cString: ccurl_text(code))
    }
}
