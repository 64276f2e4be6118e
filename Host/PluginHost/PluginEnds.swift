internal import Columnar
internal import Foundations
internal import Glibc

/// Reads requests that nobody will make.
private final class DroppedRequests: Channel.RequestTaker {
    let limit: Int
    let readiness: Int32 = -1

    init(limit: Int) { self.limit = limit }

    func take(_ payload: Bytes, isWhole: Bool) {}
    func answers() -> [[UInt8]] { [] }
}

/// How a plugin's process ends, by whose fault, and in which words.
extension PluginProcess {
    /// Ends the plugin in an orderly way: its instance is destroyed, its process exits; killed after a second.
    public func stop() {
        guard life.ending == nil else { return }
        // The wish to stop that may have led here does not cut this short.
        channel.stop = nil
        channel.otherStops = []
        if life.handle(.shutDown) == .shutDown {
            var isGone = false
            if let frame = FrameWriter(.shutdown, call: 0).finish(),
                (try? channel.send(frame, deadline: deadline(after: 0.5))) != nil
            {
                isGone = child.waitForEnd(seconds: 1, clock: settings.context.monotonic)
            }
            _ = life.handle(isGone ? .closed : .silence)
        }
        child.kill()
        _ = close(SluiceError(.pluginCrashed, "It was stopped."))
    }

    /// The error of a call to a plugin that has ended.
    func gone(_ ended: SluiceError) -> SluiceError {
        SluiceError(.pluginCrashed, "The plugin \(manifest.id) is not running any more: \(ended.message)")
    }

    /// The error of something that may not be sent now; nothing was sent.
    func misplaced(_ during: String) -> SluiceError {
        if let ended { return gone(ended) }
        return SluiceError(
            .stageInput,
            "The plugin \(manifest.id) was asked for \(during) out of its place: a process gets one instance, and then one "
                + "call at a time.")
    }

    /// Kills the runner for something that a session found in a valid frame, and returns the error.
    ///
    /// Counted against the plugin is what it alone can have done: `plugin.protocol` and `plugin.verdict`.
    func condemn(_ error: SluiceError) -> SluiceError {
        let isFault = [ErrorKind.pluginProtocol.id, ErrorKind.pluginVerdict.id].contains(error.detail)
        _ = life.handle(isFault ? .fault : .refuse)
        child.kill()
        return close(error)
    }

    /// As `condemn`, for a payload that breaks the protocol.
    func breach(_ fault: Wire.Fault, during: String) -> SluiceError {
        condemn(
            SluiceError(
                .pluginProtocol, "The plugin \(manifest.id) broke the protocol during \(during): \(fault.reason)."))
    }

    /// Keeps why the process ended, and tells the run, once, when that counts against the plugin.
    func close(_ error: SluiceError) -> SluiceError {
        guard ended == nil else { return error }
        ended = error
        if let care { accuse(error, to: care) }
        return error
    }

    /// Tells of misconduct; not while the run is being stopped, because then nobody knows who was first.
    func accuse(_ error: SluiceError, to care: PluginCare) {
        guard life.isMisconduct, settings.stop?.isRaised != true, let identity = try? origin.plugin.identity() else {
            return
        }
        care.onMisconduct(PluginMisconduct(plugin: identity, reason: error.detail))
    }

    /// - Parameter isCallers: the deadline was the caller's own, sooner than the plugin's.
    func fail(
        _ failure: Channel.Failure, during: String, seconds: Double, isCallers: Bool = false
    ) -> SluiceError {
        switch failure {
        case .fault(let reason): return breach(Wire.Fault(reason: reason), during: during)
        case .closed:
            _ = life.handle(.closed)
            let death = reap()
            return close(
                SluiceError(
                    .pluginCrashed,
                    "The process of the plugin \(manifest.id) died during \(during), by \(death.text)"
                        + "\(callsText(death))\(standardErrorText())."))
        case .deadline:
            let isStart = [.starting, .loading, .creating].contains(life.state)
            if giveUp(isCallers ? .overdue : .deadline, graceSeconds: settings.graceSeconds) {
                return SluiceError(
                    .providerTimeout,
                    "The plugin \(manifest.id) did not answer \(during) within the \(JSON.ecmaScript(seconds)) s that "
                        + "there were.")
            }
            return close(
                SluiceError(
                    isCallers && isStart ? .providerTimeout : .pluginTimeout,
                    "The plugin \(manifest.id) did not answer \(during) within \(JSON.ecmaScript(seconds)) s "
                        + "and was stopped."))
        case .cancelled:
            let who = settings.stop?.isRaised == true ? "The run was asked to stop" : "Nobody waited any more"
            let error = SluiceError(.interrupted, "\(who) during \(during) of the plugin \(manifest.id).")
            return giveUp(.cancel, graceSeconds: settings.graceSeconds) ? error : close(error)
        }
    }

    /// Cancels the running scan and reads to its end; kills the runner when that does not come within a second.
    func abandonScan() {
        guard life.ending == nil else { return }
        guard !giveUp(.abandon, graceSeconds: 1) else { return }
        _ = close(SluiceError(.pluginTimeout, "It did not stop its scan and was stopped."))
    }

    /// Asks the running call to end and waits a moment; the runner is killed when nothing comes of that.
    ///
    /// - Returns: whether the plugin can still be used.
    private func giveUp(_ event: PluginLife.Event, graceSeconds: Double) -> Bool {
        // What is waited for now is the plugin's answer to the wish to stop.
        channel.stop = nil
        channel.otherStops = []
        defer { (channel.stop, channel.otherStops) = (settings.stop, otherStops) }
        var action = life.handle(event)
        if action == .cancelCall { action = life.handle(cancelCall(graceSeconds)) }
        switch action {
        case .kill: child.kill()
        case .reap: _ = reap()
        default: break
        }
        return life.ending == nil
    }

    /// Sends CANCEL and reads to the end of the call, so that the plugin can log why it took so long.
    private func cancelCall(_ seconds: Double) -> PluginLife.Event {
        guard !channel.isBroken else { return .torn }
        let deadline = deadline(after: seconds)
        let expectation = Channel.Expectation(
            call: lastCall,
            limits: rowLimits.merging(
                [.result: Wire.maximumFrame, .results: Wire.maximumFrame, .error: Self.errorLimit]) { $1 },
            // One may have been on its way when the host gave up. Nobody makes it, and CANCEL ends the wait for it.
            requests: egress.map { DroppedRequests(limit: $0.limit) })
        do throws(Channel.Failure) {
            try channel.send(Self.cancelFrame(lastCall), deadline: deadline)
            while try channel.receive(expectation, deadline: deadline).answer.hasRows {}
            return .answered
        } catch {
            switch error {
            case .closed: return .closed
            case .fault: return .fault
            // An answer that has begun is no silence.
            case .deadline, .cancelled: return channel.isBroken ? .torn : .silence
            }
        }
    }

    /// Reaps a runner whose socket is closed; one that lives on without it is killed.
    func reap() -> Death {
        _ = child.waitForEnd(seconds: 0.25, clock: settings.context.monotonic)
        child.kill()
        return child.death ?? .unknown
    }

    /// Which list of system calls it was held to, where it died of another one.
    private func callsText(_ death: Death) -> String {
        guard death == .signalled(SIGSYS) else { return "" }
        return " to a plugin whose manifest has \"language\": \"\(manifest.language.rawValue)\""
    }

    func standardErrorText() -> String {
        guard !child.standardErrorTail.isEmpty else { return "" }
        guard !hidesStandardError else {
            return "; what it wrote to standard error is withheld, because a connector sees raw rows"
        }
        let text = Redaction.tail(child.standardErrorTail)
        return text.isEmpty ? "" : "; its standard error ends: \(text)"
    }

    /// The error that an ERROR frame carries.
    func reported(
        _ payload: Bytes, during: String, ofUpdate: Bool = false
    ) throws(SluiceError) -> SluiceError {
        do {
            let report = try RunnerReport(payload, ofUpdate: ofUpdate)
            if let free = report.freeSlots { try release(free) }
            var message = relay?.line(report.message) ?? Redaction.line(report.message)
            // The runner's words mean that nothing of the plugin's has run; in a plugin's mouth they mean nothing.
            if !report.isNotOffered, message.hasSuffix(ProviderSession.notOffered) { message += ", it says" }
            // The plugin fails as its request did: the reason is the host's own, and so are its id and its next step.
            if let cause = egress?.lastError, cause.code.abiStatus == report.code {
                return SluiceError(
                    cause, "The plugin \(manifest.id) failed during \(during): \(cause.message)",
                    retryAfterMilliseconds: report.retryAfterMilliseconds ?? cause.retryAfterMilliseconds)
            }
            return SluiceError(
                code: SluiceError.Code(abiStatus: report.code), kind: .pluginFailed,
                "The plugin \(manifest.id) failed during \(during): \(message)",
                retryAfterMilliseconds: report.retryAfterMilliseconds)
        } catch { throw breach(error, during: during) }
    }
}
