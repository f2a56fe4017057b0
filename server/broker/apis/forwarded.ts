/** A request that the controller decides, as a broker serves it: it is passed on, and its answer back. */
import type { ControllerHandler } from '../../controller/handler.ts'
import { type Handler, handler } from '../handler.ts'

export const forwarded = (h: ControllerHandler): Handler =>
  handler(h.api, {
    handle: (request, context) => context.broker.controller.forward(h, request, context),
    fail: h.fail,
  })
