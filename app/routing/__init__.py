"""Who gets a ticket, and every step why. Pure: facts in, decision out, no clock, no database, no chance.

    TicketFacts ─┐
    World ───────┼─► engine.decide ─► Decision(theme, priority, team, agent, trace)
    Policy ──────┘

`words` and `week` are the two small languages that rules use. `facts`, `staff` and `world` say what is known
(`roster`: the staff as bit sets), `policy` and `parse` the rules in force. `sort` applies the rules, `checks` drops
agents, `engine` chooses, `fitting` answers for one agent. `decision` holds the outcome and every code that a trace
can contain. `deadline` counts working time, `holidays` the Dutch days off.
"""
