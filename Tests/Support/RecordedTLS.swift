import CEDAR

extension Recording {
    /// The status of a side that has nothing more to shake hands about (spec 03, 3.3).
    private static let holding: Int64 = 4

    /// The messages of the TLS part, `status`, length, records: those whose length field fits exactly.
    package func tlsMessages(from side: Side) throws -> [(status: Int64, records: [UInt8])] {
        try messages().compactMap { message in
            guard message.from == side, !message.message.encrypted else { return nil }
            var reader = message.message.reader()
            do {
                let status = try reader.readInteger()
                let records = try reader.readBytes(try reader.readInteger(in: 0...1 << 20))
                try reader.finish()
                return (status, records)
            } catch {
                return nil  // not of this form, so not of this part
            }
        }
    }

    /// What our side's TLS produced, turn by turn; a turn after the handshake without records needs no engine.
    package func scriptedTurns(from side: Side) throws -> [ScriptedTLSEngine.Turn] {
        var turns: [ScriptedTLSEngine.Turn] = []
        for (status, records) in try tlsMessages(from: side) where !records.isEmpty {
            turns.append(.init(isComplete: status == Self.holding, records: records))
        }
        return turns
    }
}
