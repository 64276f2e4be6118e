internal import Columnar
internal import Foundations

/// Many small calls in one frame: one wake-up of the runner instead of one for each.
extension PluginProcess {
    /// Bytes of arguments that one frame takes before the next one is begun.
    static let callBytes = 4 << 20

    /// The number of a call that is to be made. Nothing of it has been written anywhere yet.
    ///
    /// - Throws: `run.interrupted` once the run was asked to stop; `plugin.crashed` when the plugin has ended.
    func nextCall() throws(SluiceError) -> UInt32 {
        try settings.refuseOnceStopped(manifest)
        if let ended { throw gone(ended) }
        lastCall &+= 1
        return lastCall
    }

    /// One call for each index below `count`, in their order: the payload of its RESULT, or the error that it ended with.
    ///
    /// What ends the plugin ends them all. Each frame has the whole of the deadline.
    /// - Parameters:
    ///   - method: any that moves no table.
    ///   - limit: bytes that one result may have.
    ///   - seconds: the caller's own deadline, for all of them together.
    func calls(
        _ method: Wire.Method, count: Int, limit: Int, seconds own: Double? = nil,
        arguments: (Int, inout FrameWriter) -> Void
    ) throws(SluiceError) -> [Result<Bytes, SluiceError>] {
        let end = own.map { deadline(after: $0) }
        var results: [Result<Bytes, SluiceError>] = []
        results.reserveCapacity(count)
        while results.count < count {
            let left = end.map { end in Double(end - min(channel.now(), end)) / 1e9 } ?? .infinity
            let seconds = min(left, manifest.limits.wallSeconds)
            let call = try nextCall()
            var frame = FrameWriter(.calls, call: call)
            frame.integer(Self.milliseconds(seconds))
            let place = frame.reserve(UInt32.self)
            var packed: UInt32 = 0
            while results.count + Int(packed) < count, packed < UInt32(Wire.maximumCalls),
                packed == 0 || frame.bytes.count < Self.callBytes
            {
                let size = frame.reserve(UInt32.self)
                frame.integer(method.rawValue)
                arguments(results.count + Int(packed), &frame)
                frame.fill(size, UInt32(clamping: frame.bytes.count - size - 4))
                packed += 1
            }
            frame.fill(place, packed)
            // Beside the results there may be errors in the place of others.
            let most = min(4 + Int(packed) * (8 + max(limit, Self.errorLimit)), Wire.maximumResults + 32 << 20)
            let answer = try exchange(
                frame, call: call, limits: [.results: most], seconds: seconds, during: method.name, asks: true,
                isCallers: seconds < manifest.limits.wallSeconds)
            _ = life.handle(.answered)
            results += try read(answer.payload, count: packed, limit: limit, during: method.name)
        }
        return results
    }

    private func read(
        _ payload: Bytes, count: UInt32, limit: Int, during: String
    ) throws(SluiceError) -> [Result<Bytes, SluiceError>] {
        let parts: [(isError: Bool, bytes: Bytes)]
        do throws(Wire.Fault) { parts = try Self.results(payload, count: count, limit: limit) } catch {
            throw breach(error, during: during)
        }
        var results: [Result<Bytes, SluiceError>] = []
        results.reserveCapacity(parts.count)
        for part in parts {
            results.append(part.isError ? .failure(try reported(part.bytes, during: during)) : .success(part.bytes))
        }
        return results
    }

    /// The parts of RESULTS.
    static func results(
        _ payload: Bytes, count: UInt32, limit: Int
    ) throws(Wire.Fault) -> [(isError: Bool, bytes: Bytes)] {
        var reader = PayloadReader(payload)
        guard try reader.integer(UInt32.self) == count else {
            throw Wire.Fault(reason: "there are not as many results as calls")
        }
        var parts: [(isError: Bool, bytes: Bytes)] = []
        for _ in 0..<count {
            let status = try reader.integer(UInt32.self)
            guard status <= 1 else { throw Wire.Fault(reason: "a result is neither one nor an error") }
            let bytes = try reader.textBytes()
            guard bytes.count <= (status == 1 ? errorLimit : limit) else {
                throw Wire.Fault(reason: "a frame is larger than its answer may be")
            }
            parts.append((status == 1, Bytes.copy(bytes)))
        }
        try reader.finish()
        return parts
    }
}

extension FrameWriter {
    /// Room for a number that is known later: where it is.
    mutating func reserve<T: FixedWidthInteger>(_: T.Type) -> Int {
        defer { integer(T.zero) }
        return bytes.count
    }
}
